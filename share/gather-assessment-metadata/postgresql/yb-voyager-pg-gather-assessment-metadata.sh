#!/usr/bin/env bash
# Gathers what `yb-voyager assess-migration` reads of a PostgreSQL database, without yb-voyager: on any machine that
# reaches the database and has psql and pg_dump. The queries are in sql/ beside this script. It only reads.
set -euo pipefail
umask 077 # Statistics hold values of the tables.

usage() {
  cat <<'TEXT'
Usage: yb-voyager-pg-gather-assessment-metadata.sh CONNECTION SCHEMAS FOLDER [PGSS] [INTERVAL] [YES] [NODE] [SKIP-CHECKS]

  CONNECTION   of psql: postgresql://user@host:port/database, or host=... dbname=... Leave the password out: it is
               taken from PGPASSWORD or ~/.pgpass, or asked for
  SCHEMAS      schema names, joined by |. As they are, or quoted as in SQL: 'public|Sales 2024|"a|b"'
  FOLDER       gets node-<NODE>/*.csv, schema/schema.sql and yb-voyager-assessment.log; is made when it is not there
  PGSS         true: also the queries of pg_stat_statements; false: not. Default: when they can be read
  INTERVAL     seconds between the two readings of the load counters. Default 120
               (a number in the place of PGSS is the interval, and what follows moves up by one)
  YES          true: every question is answered with yes. Default false
  NODE         name of the server in the output. Default primary; any other is a read replica: no schema is dumped
  SKIP-CHECKS  true: rights and statistics are not checked. Default false

Example: yb-voyager-pg-gather-assessment-metadata.sh 'postgresql://ybvoyager@host:5432/shop' 'public|sales' ./metadata 60

Exit code: 0 all files are written, 2 a question was answered with no, 1 anything else. FOLDER keeps what an earlier run
wrote unless the code is 0.
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
log_file=
work=
sleeper=

say() {
  printf '%s\n' "$*"
  if [ -n "$log_file" ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$log_file"; fi
}

fail() {
  say "error: $*" >&2
  exit 1
}

clean_up() {
  if [ -n "$sleeper" ]; then kill "$sleeper" 2>/dev/null || true; fi
  if [ -n "$work" ]; then rm -rf -- "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

is_true() {
  case $1 in
    true | TRUE | True | yes | y | 1 | --yes | -y) return 0 ;;
    false | FALSE | False | no | n | 0 | "") return 1 ;;
    *) fail "$2 is true or false, not \"$1\" (see --help)" ;;
  esac
}

# Ends the script unless the answer is yes. Nobody is waited for where there is no terminal.
confirm() {
  local answer=
  if [ "$assume_yes" = true ]; then
    say "$1 yes (as asked for)"
    return
  fi
  if [ -t 0 ]; then
    read -r -p "$1 [y/N] " answer || true
  elif ! read -r -t 1 answer; then
    fail "there is nobody to answer \"$1\": give true as YES, or run it in a terminal"
  fi
  say "$1 ${answer:-no}" >>/dev/null
  case $answer in
    y | Y | yes | Yes | YES) ;;
    *)
      say "nothing was gathered"
      exit 2
      ;;
  esac
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac
if [ $# -lt 3 ] || [ $# -gt 8 ]; then
  usage >&2
  exit 1
fi
connection=$1 schema_list=$2 folder=$3
shift 3
pgss=auto
if [ $# -gt 0 ] && ! [[ $1 =~ ^[0-9]+$ ]]; then
  if [ -n "$1" ]; then
    if is_true "$1" PGSS; then pgss=true; else pgss=false; fi
  fi
  shift
fi
interval=${1:-120} yes=${2:-false} node=${3:-primary} skip_checks=${4:-false}
[ $# -le 4 ] || fail "too many arguments after the interval (see --help)"
[[ $interval =~ ^[0-9]+$ ]] || fail "INTERVAL is a number of seconds, not \"$interval\" (see --help)"
[[ $node =~ ^[A-Za-z0-9_.:-]+$ ]] || fail "NODE \"$node\" cannot be part of a folder's name"
if is_true "$yes" YES; then assume_yes=true; else assume_yes=false; fi
if is_true "$skip_checks" SKIP-CHECKS; then skip_checks=true; else skip_checks=false; fi
[ -n "$connection" ] && [ -n "$schema_list" ] && [ -n "$folder" ] || fail "CONNECTION, SCHEMAS and FOLDER must not be empty"
[ -f "$here/sql/session.sql" ] || fail "the folder sql/ is not beside this script: copy it too"

# Prints the program's path: the first in PATH, else the newest where distributions keep several side by side.
find_program() {
  local path
  path=$(command -v "$1") || path=$(printf '%s\n' /usr/lib/postgresql/*/bin/"$1" /usr/pgsql-*/bin/"$1" | sort -V | while read -r one; do
    if [ -x "$one" ]; then printf '%s\n' "$one"; fi
  done | tail -n 1)
  printf '%s' "$path"
}

dump_major() { "$1" --version 2>/dev/null | sed -n 's/^pg_dump ([^)]*) \([0-9][0-9]*\).*/\1/p'; }

# The first pg_dump that is new enough, and its absence as no text.
find_pg_dump() {
  local one major
  for one in "$(command -v pg_dump || true)" /usr/lib/postgresql/*/bin/pg_dump /usr/pgsql-*/bin/pg_dump; do
    [ -x "$one" ] || continue
    major=$(dump_major "$one")
    if [ "${major:-0}" -ge "$1" ]; then
      printf '%s' "$one"
      return
    fi
  done
}

psql_program=$(find_program psql)
[ -n "$psql_program" ] || fail "psql is not installed (for instance: apt-get install postgresql-client)"
export PGCLIENTENCODING=UTF8 PGAPPNAME=yb-voyager

# A password within CONNECTION goes to the environment of psql and pg_dump: in their arguments everybody on this machine
# could read it, and what they complain about quotes their arguments.
percent_decoded() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}
take_password() {
  local in_address='^(postgres(ql)?://[^:/@?#]*):([^/?#@]*)(@.*)$'
  local in_query='^(postgres(ql)?://[^?]*[?](.*&)?)password=([^&]*)&?(.*)$'
  local quoted="^((.*[[:space:]])?)password[[:space:]]*=[[:space:]]*'(([^'\\\\]|\\\\.)*)'(.*)\$"
  local bare='^((.*[[:space:]])?)password[[:space:]]*=[[:space:]]*([^[:space:]]+)(.*)$'
  local before password after
  if [[ $connection =~ $in_address ]]; then
    before=${BASH_REMATCH[1]} password=$(percent_decoded "${BASH_REMATCH[3]}") after=${BASH_REMATCH[4]}
  elif [[ $connection =~ $in_query ]]; then
    before=${BASH_REMATCH[1]} password=$(percent_decoded "${BASH_REMATCH[4]}") after=${BASH_REMATCH[5]}
  elif [[ $connection =~ ^postgres(ql)?:// ]]; then
    return 0
  elif [[ $connection =~ $quoted ]]; then
    before=${BASH_REMATCH[1]} password=$(sed 's/\\\(.\)/\1/g' <<<"${BASH_REMATCH[3]}") after=${BASH_REMATCH[5]}
  elif [[ $connection =~ $bare ]]; then
    before=${BASH_REMATCH[1]} password=$(sed 's/\\\(.\)/\1/g' <<<"${BASH_REMATCH[3]}") after=${BASH_REMATCH[4]}
  else
    return 0
  fi
  connection=$before$after
  if [ -n "$password" ]; then export PGPASSWORD=$password; fi
}
take_password
take_password # Addresses can have it in two places; the second one counts.

mkdir -p -- "$folder" || fail "cannot make $folder"
folder=$(cd "$folder" && pwd -P)
[ -w "$folder" ] || fail "cannot write to $folder"
log_file=$folder/yb-voyager-assessment.log
work=$(mktemp -d "$folder/.node-$node.XXXXXX")
mkdir "$work/node"

# Statements come on standard input; further arguments go to psql. What it complains about goes to the log and, when it
# fails, to the person.
run_psql() {
  if "$psql_program" -X -q -w -v ON_ERROR_STOP=1 "$@" -d "$connection" 2>"$work/errors"; then
    cat "$work/errors" >>"$log_file"
    return 0
  fi
  cat "$work/errors" >>"$log_file"
  return 1
}
complaint() { sed -n '1,5p' "$work/errors"; }

# Answers of several fields: lines may hold any byte, so records end with NUL.
ask() { run_psql -A -t -0 -F "|" -o "$work/answer" -f - "$@"; }

say "gathering from node $node into $folder"
if ! ask <<<"SELECT 1;"; then
  grep -q -i password "$work/errors" && [ -z "${PGPASSWORD:-}" ] || fail "cannot connect: $(complaint)"
  [ -t 0 ] || fail "the server asks for a password: set PGPASSWORD"
  read -r -s -p "Password: " PGPASSWORD
  echo
  export PGPASSWORD
  ask <<<"SELECT 1;" || fail "cannot connect: $(complaint)"
fi

# A name counts as it is, else without its quotes, else in lower case as SQL would read it.
ask -v list="$schema_list" <<'SQL' || fail "cannot look up the schemas: $(complaint)"
WITH wanted AS (
  SELECT w.m[1] AS text FROM regexp_matches(:'list', '"(?:[^"]|"")+"|[^|]+', 'g') AS w(m)
), found AS (
  SELECT w.text,
         (SELECT n.nspname::text
          FROM (VALUES (1, w.text), (3, lower(w.text)),
                       (2, CASE WHEN w.text ~ '^".*"$'
                                THEN replace(substr(w.text, 2, length(w.text) - 2), '""', '"') END)) AS c(rank, name)
          JOIN pg_catalog.pg_namespace n ON n.nspname::text = c.name
          ORDER BY c.rank LIMIT 1) AS name
  FROM wanted w
)
SELECT 'major', (current_setting('server_version_num')::int / 10000)::text
UNION ALL SELECT 'absent', string_agg(text, ', ') FROM found WHERE name IS NULL HAVING count(*) > 0
UNION ALL SELECT 'array', array_agg(DISTINCT name)::text FROM found
UNION ALL SELECT 'pattern', '"' || replace(name, '"', '""') || '"' FROM found GROUP BY name;
SQL
server_major= schemas= patterns=()
while IFS='|' read -r -d '' kind text; do
  case $kind in
    major) server_major=$text ;;
    absent) fail "the database has no schema $text" ;;
    array) schemas=$text ;;
    pattern) patterns+=("--schema=$text") ;;
  esac
done <"$work/answer"
[ ${#patterns[@]} -gt 0 ] || fail "SCHEMAS names no schema"

if [ "$node" = primary ]; then
  dump_wanted=$((server_major > 14 ? server_major : 14))
  pg_dump_program=$(find_pg_dump "$dump_wanted")
  [ -n "$pg_dump_program" ] || fail "pg_dump $dump_wanted or newer is not installed (for instance: apt-get install postgresql-client-$dump_wanted)"
fi

check_rights_and_statistics() {
  ask -v schemas="$schemas" -v primary="$([ "$node" = primary ] && echo true || echo false)" <<'SQL' || fail "cannot check rights and statistics: $(complaint)"
WITH wanted AS (
  SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n WHERE n.nspname::text IN (SELECT unnest(:'schemas'::text[]))
)
SELECT 'fatal', 'PostgreSQL ' || current_setting('server_version') || ' is not supported: 9.5 to 18 are'
WHERE current_setting('server_version_num')::int < 90500
UNION ALL
SELECT 'fatal', 'no right to use schema ' || quote_ident(nspname) || '. GRANT USAGE ON SCHEMA ' || quote_ident(nspname) || ' TO ' || quote_ident(current_user) || ';'
FROM wanted WHERE NOT has_schema_privilege(oid, 'USAGE')
UNION ALL
SELECT 'fatal', 'no right to read ' || count(*) || ' tables of schema ' || quote_ident(w.nspname) || ', such as ' || min(c.relname::text)
       || ', which pg_dump needs. GRANT SELECT ON ALL TABLES IN SCHEMA ' || quote_ident(w.nspname) || ' TO ' || quote_ident(current_user) || ';'
FROM wanted w JOIN pg_catalog.pg_class c ON c.relnamespace = w.oid
WHERE :'primary'::boolean AND c.relkind IN ('r', 'p') AND NOT has_table_privilege(c.oid, 'SELECT')
GROUP BY w.nspname
UNION ALL
SELECT 'ask', 'PostgreSQL ' || current_setting('server_version') || ' is newer than 18, which was not tried.'
WHERE current_setting('server_version_num')::int >= 190000
UNION ALL
SELECT 'ask', 'track_counts is off: the server counts no reads, writes and rows.'
WHERE NOT current_setting('track_counts')::boolean
UNION ALL
SELECT 'ask', 'No table of schema ' || quote_ident(w.nspname) || ' was ever analyzed: statistics of columns will be missing. Run ANALYZE first.'
FROM wanted w JOIN pg_catalog.pg_class c ON c.relnamespace = w.oid
WHERE :'primary'::boolean AND c.relkind = 'r'
GROUP BY w.nspname
HAVING bool_and(pg_stat_get_last_analyze_time(c.oid) IS NULL AND pg_stat_get_last_autoanalyze_time(c.oid) IS NULL);
SQL
  local fatal=() asked=0 kind text
  while IFS='|' read -r -d '' kind text; do
    case $kind in
      fatal) fatal+=("$text") ;;
      ask)
        say "warning: $text" >&2
        asked=1
        ;;
    esac
  done <"$work/answer"
  if [ ${#fatal[@]} -gt 0 ]; then
    for text in "${fatal[@]}"; do say "error: $text" >&2; done
    exit 1
  fi
  if [ "$asked" = 1 ]; then confirm "Gather all the same?"; fi
}
if [ "$skip_checks" = false ]; then check_rights_and_statistics; fi

# gather NAME QUERY [MEASUREMENT]: the session's parameters, what holds for every query, then the query.
gather() {
  say "  $1"
  run_psql -A -t -v schemas="$schemas" -v node="$node" -v interval="$((10#$interval))" -v measurement="${3:-}" \
    -o "$work/node/$1" -f - -f "$here/sql/session.sql" -f "$here/sql/$2" <<'SQL' || fail "cannot gather $1: $(complaint)"
SET yb_voyager.schemas = :'schemas';
SET yb_voyager.node = :'node';
SET yb_voyager.interval = :'interval';
SET yb_voyager.measurement = :'measurement';
SQL
}

queries_are_readable() {
  run_psql -o "$work/answer" -f "$here/sql/session.sql" -c "SELECT 1 FROM pg_stat_statements LIMIT 1" </dev/null
}
if [ "$pgss" = auto ]; then
  pgss=true
  if ! queries_are_readable; then
    pgss=false
    say "queries are left out: $(complaint)"
  fi
fi

if [ -e "$folder/node-$node" ]; then confirm "$folder/node-$node is there from an earlier run. Replace it?"; fi

gather column_statistics.csv column-statistics.sql
if [ "$pgss" = true ]; then gather db-queries-summary.csv db-queries-summary.sql; fi
for name in index-to-table-mapping object-type-mapping redundant-indexes table-columns-count table-columns-data-types \
  table-index-sizes table-index-usage-stats table-row-counts; do
  gather "$name.csv" "$name.sql"
done

if [ "$node" = primary ]; then
  say "  schema.sql"
  "$pg_dump_program" --no-password --format=plain --encoding=UTF8 --schema-only --no-owner --no-privileges \
    --no-tablespaces --no-comments --load-via-partition-root --lock-wait-timeout=60000 "--extension=*" "${patterns[@]}" \
    "--file=$work/schema.sql" -d "$connection" 2>"$work/errors" || fail "pg_dump: $(complaint)"
fi

gather table-index-iops-initial.csv table-index-iops.sql initial
if [ "$interval" -gt 0 ]; then
  say "  waiting $interval s between the two readings of the load"
  sleep "$interval" &
  sleeper=$!
  wait "$sleeper"
  sleeper=
fi
gather table-index-iops-final.csv table-index-iops.sql final
gather gathered.json gathered.sql

if [ "$node" = primary ]; then
  mkdir -p -- "$folder/schema"
  mv -f -- "$work/schema.sql" "$folder/schema/schema.sql"
fi
if [ -e "$folder/node-$node" ]; then mv -- "$folder/node-$node" "$work/earlier"; fi
mv -- "$work/node" "$folder/node-$node"
say "done. Next: yb-voyager assess-migration --source-db-type postgresql --assessment-metadata-dir $folder --export-dir ..."
