CREATE TABLE this_file_is_never_imported (a integer);
