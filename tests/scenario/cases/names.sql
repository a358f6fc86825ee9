-- schemas: public,"Größe und Maß"
CREATE SCHEMA "Größe und Maß";
CREATE TABLE "MixedCase" ("Id" int PRIMARY KEY, "select" text, "with space" text, "quo""te" text, "semi;colon" text, "tab	ulator" text);
INSERT INTO "MixedCase" SELECT g, 'a', 'b', 'c', 'd', 'e' FROM generate_series(1, 50) g;
CREATE INDEX "Mixed Index" ON "MixedCase" ("select", "with space");
CREATE TABLE "table" ("order" int PRIMARY KEY, "user" text UNIQUE);
INSERT INTO "table" VALUES (1, 'x');
-- 63 bytes, with letters of two, three and four bytes.
CREATE TABLE "ééééééééééééééééééééééééééééééé" ("日本語日本語日本語日本語日本語日本語日本語" int PRIMARY KEY, "𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘𝔘" text);
INSERT INTO "ééééééééééééééééééééééééééééééé" VALUES (1, 'x'), (2, NULL);
CREATE TABLE "Größe und Maß"."Länge.mit Punkt" (a int PRIMARY KEY, "B" "char");
INSERT INTO "Größe und Maß"."Länge.mit Punkt" VALUES (1, 'x');
CREATE TABLE "Größe und Maß"."MixedCase" (a int PRIMARY KEY REFERENCES "Größe und Maß"."Länge.mit Punkt");
INSERT INTO "Größe und Maß"."MixedCase" VALUES (1);
CREATE TABLE "a/b\c" (a int);
INSERT INTO "a/b\c" VALUES (1);
CREATE TABLE "../up" (a int);
INSERT INTO "../up" VALUES (2);
CREATE TABLE "new
line" (a int, "col
umn" int);
INSERT INTO "new
line" VALUES (1, 2);
CREATE TABLE "glob*?[x]" (a int);
INSERT INTO "glob*?[x]" VALUES (3);
CREATE TABLE "mixedcase" (a int);
INSERT INTO "mixedcase" VALUES (4);
CREATE TABLE "100%" (a int);
INSERT INTO "100%" VALUES (5);
CREATE TABLE "-dash" (a int);
INSERT INTO "-dash" VALUES (6);
CREATE SEQUENCE "Mixed Sequence" START 41;
SELECT nextval('"Mixed Sequence"');
