-- schemas: app
CREATE SCHEMA ext; CREATE SCHEMA app;
CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION "uuid-ossp" SCHEMA ext;
CREATE TABLE app.item (id uuid DEFAULT ext.uuid_generate_v4() PRIMARY KEY, props ext.hstore, name text);
INSERT INTO app.item (props, name) SELECT ext.hstore('k', g::text), 'name ' || g FROM generate_series(1, 30) g;
CREATE INDEX item_name ON app.item USING gin (name ext.gin_trgm_ops);
CREATE INDEX item_props ON app.item USING gist (props ext.gist_hstore_ops (siglen = 32));
CREATE VIEW app.with_k AS SELECT id FROM app.item WHERE props OPERATOR(ext.?) 'k';
