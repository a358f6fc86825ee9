#!/usr/bin/env bash
# Gathers what `yb-voyager assess-migration` reads of a MySQL or MariaDB database, without yb-voyager: on any machine
# that reaches the database and has its client (mariadb or mysql). The queries are in sql/ beside this script. It only
# reads, and no table of the user's. yb-voyager converts the schema later, where the folder is assessed.
set -euo pipefail
umask 077 # The texts of views and routines are nobody else's business.

usage() {
  cat <<'TEXT'
Usage: yb-voyager-mysql-gather-assessment-metadata.sh DATABASE FOLDER INTERVAL [CLIENT OPTIONS ...]

  DATABASE        its name
  FOLDER          gets node-primary/*.xml and yb-voyager-assessment.log; is made when it is not there
  INTERVAL        seconds between the two readings of the load counters, such as 120
  CLIENT OPTIONS  of mariadb or mysql: --host=db1 --port=3306 --user=mover --ssl ... Leave the password out: it is taken
                  from MYSQL_PWD, or from an option file (--defaults-extra-file=FILE, first of the options)

Example: MYSQL_PWD=... yb-voyager-mysql-gather-assessment-metadata.sh shop ./metadata 60 --host=db1 --user=mover

Exit code: 0 all files are written, 1 anything else. FOLDER keeps what an earlier run wrote unless the code is 0.
TEXT
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
esac
if [ $# -lt 3 ]; then
  usage >&2
  exit 1
fi
database=$1 folder=$2 interval=$3
shift 3

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
log_file=
work=

say() {
  printf '%s\n' "$*"
  if [ -n "$log_file" ]; then printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$log_file"; fi
}
fail() {
  say "error: $*" >&2
  exit 1
}
clean_up() {
  if [ -n "$work" ]; then rm -rf -- "$work"; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

[[ $interval =~ ^[0-9]+$ ]] || fail "INTERVAL is a number of seconds, not \"$interval\" (see --help)"
[ -n "$database" ] && [ -n "$folder" ] || fail "DATABASE and FOLDER must not be empty"
[ -f "$here/sql/tables.sql" ] || fail "the folder sql/ is not beside this script: copy it too"
for option in "$@"; do
  case $option in
    -p?* | --password=*) fail "a password in the arguments is seen by everybody on this machine: set MYSQL_PWD instead" ;;
  esac
done
client=$(command -v mariadb || command -v mysql) || fail "neither mariadb nor mysql is installed (for instance: apt-get install mariadb-client)"

mkdir -p -- "$folder" || fail "cannot make $folder"
folder=$(cd "$folder" && pwd -P)
[ -w "$folder" ] || fail "cannot write to $folder"
log_file=$folder/yb-voyager-assessment.log
work=$(mktemp -d "$folder/.node-primary.XXXXXX")
mkdir "$work/node"

# The options first, as the client wants an option file in the first place.
run_client() {
  "$client" "$@" --batch --default-character-set=utf8mb4 --init-command="SET sql_mode = '', time_zone = '+00:00'" \
    2>>"$work/errors"
}
complaint() {
  cat "$work/errors" >>"$log_file"
  tail -n 5 "$work/errors"
}

# gather NAME FILE: the query of the file as NAME.xml.
options=("$@")
gather() {
  say "  $1.xml"
  run_client "${options[@]}" --xml "$database" <"$here/sql/$2.sql" >"$work/node/$1.xml" || fail "cannot gather $1.xml: $(complaint)"
}

say "gathering from $database into $folder"
identity=$(run_client "${options[@]}" --skip-column-names "$database" <<<"SELECT version()") || fail "cannot connect: $(complaint)"
number=$(printf '%s' "$identity" | sed 's/^\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1 \2 \3/')
read -r major minor patch <<<"$number"
version=$((10#$major * 10000 + 10#$minor * 100 + 10#$patch))
case $identity in *MariaDB*) maria=true ;; *) maria=false ;; esac

for name in identity tables views columns foreign_keys partitions code sizes; do gather "$name" "$name"; done
if [ "$maria" = false ] && [ "$version" -ge 80013 ]; then gather indexes indexes_mysql; else gather indexes indexes_mariadb; fi
if [ "$maria" = true ]; then
  gather checks checks_mariadb
elif [ "$version" -ge 80016 ]; then
  gather checks checks_mysql
fi

# The texts of what has one, and the values of sequences: statements that name what the catalogue names.
say "  shown.xml"
{
  printf "SELECT concat('SHOW CREATE ', q.\`TRIGGER\`, ' \`', replace(q.trigger_name, '\`', '\`\`'), '\`;') FROM (\n"
  cat "$here/sql/code.sql"
  printf ") q;\n"
  printf "SELECT concat('SELECT next_not_cached_value, minimum_value, maximum_value, start_value, increment, cycle_option FROM \`', replace(table_name, '\`', '\`\`'), '\`;')"
  printf " FROM information_schema.tables WHERE table_schema = database() AND table_type = 'SEQUENCE';\n"
} >"$work/statements.sql"
run_client "${options[@]}" --skip-column-names --raw "$database" <"$work/statements.sql" >"$work/shown.sql" || fail "cannot list routines: $(complaint)"
# What the user may not see is left out, and told when the folder is assessed.
run_client "${options[@]}" --xml --force "$database" <"$work/shown.sql" >"$work/node/shown.xml" || true

load() {
  if ! run_client "${options[@]}" --xml "$database" <"$here/sql/load.sql" >"$work/node/$1.xml"; then
    rm -f "$work/node/$1.xml"
    say "  the load is left out: performance_schema is off, or may not be read"
  fi
}
load load_initial
if [ "$interval" -gt 0 ]; then
  say "  waiting $interval s between the two readings of the load"
  sleep "$interval"
fi
load load_final
printf '%s\n' "$((10#$interval))" >"$work/node/interval"

cat "$work/errors" >>"$log_file"
if [ -e "$folder/node-primary" ]; then mv -- "$folder/node-primary" "$work/earlier"; fi
mv -- "$work/node" "$folder/node-primary"
say "done. Next: yb-voyager assess-migration --source-db-type mysql --assessment-metadata-dir $folder --export-dir ..."
