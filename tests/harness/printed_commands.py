"""The commands that the program prints for people to paste: each has to be one as it stands.

Whatever any test runs goes through `check_text`. What a command line means is asked of the program itself: `config show
COMMAND FLAGS` takes it apart as the command would, runs nothing, and says which required flags nobody gave."""

import json
import re
import shlex
import subprocess

# What is shown there are examples for other situations.
NOT_OF_THIS_SITUATION = ("help", "--help", "-h", "explain", "completion", "man", "debug")
# A command at the end of a line: alone behind the word that says what it is for, or behind a colon.
PLACE = re.compile(r"(?:^|: )((?:mkdir -p \S+ && |[A-Z_]+=\S+ )*yb-voyager .*)$")
LABEL = re.compile(r"^ *(?:(?:next|fix|then) )? *")
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

checked = set()


def in_line(line: str) -> str | None:
    line = LABEL.sub("", COLOUR.sub("", line).rstrip())
    found = PLACE.search(line)
    return found[1] if found else None


def in_text(text: str) -> list[str]:
    found = []
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                found += in_json(json.loads(line))
                continue
            except ValueError:
                pass
        if command := in_line(line):
            found.append(command)
    return found


def in_json(document) -> list[str]:
    """Of an error, an event or an answer."""
    found = []
    if isinstance(document, dict):
        for name, value in document.items():
            if name in ("fix", "next", "then", "command") and isinstance(value, (str, list)):
                texts = [value] if isinstance(value, str) else [one for one in value if isinstance(one, str)]
                found += [command for text in texts for line in text.splitlines() if (command := in_line(line))]
            if isinstance(value, (dict, list)):
                found += in_json(value)
    elif isinstance(document, list):
        for one in document:
            found += in_json(one)
    return found


def parts(command: str) -> tuple[list[str], list[str]]:
    """Words of the command, and its flags."""
    words = shlex.split(command[command.index("yb-voyager "):])[1:]
    first_flag = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:first_flag], words[first_flag:]


def why_not(program, command: str, **place) -> str | None:
    """What is wrong with a printed command; nothing when it can be pasted."""
    if re.search(r"\.\.\.|\*\*|…|<[a-z ]+>|[.,;)]$", command):
        return "it holds something that is no part of a command line"
    try:
        words, flags = parts(command)
    except ValueError as fault:
        return str(fault)
    if words[:1] and words[0] in (*NOT_OF_THIS_SITUATION, "config"):
        return None
    if {"mysql", "--source-db-schema"} <= set(flags):
        return "--source-db-schema is not for this source"
    asked = subprocess.run([program, "config", "show", *words, *flags, *([] if "--output-format" in flags else ["--output-format", "json"])],
                           capture_output=True, text=True, timeout=30, **place)
    if asked.returncode != 0:
        return asked.stderr
    if "--output-format" in flags:
        return None
    missing = {one["name"] for one in json.loads(asked.stdout)["settings"] if one["missing"]}
    return f"without {sorted(missing)} it is refused" if missing else None


def form_of(command: str) -> str:
    """Without the values of its flags, but for the source's product: what is the same in every run of a test."""
    try:
        words, flags = parts(command)
    except ValueError:
        return command
    shape = []
    for i, word in enumerate(flags):
        is_value = not word.startswith("--") and flags[i - 1].startswith("--") and "=" not in flags[i - 1]
        shape.append(word if is_value and flags[i - 1] == "--source-db-type" else "V" if is_value else word.split("=")[0])
    return " ".join([*words, *shape])


def check(program, commands: list[str], **place):
    for command in commands:
        if (form := form_of(command)) in checked:
            continue
        wrong = why_not(program, command, **place)
        assert wrong is None, f"printed to be pasted, and cannot be: {command}\n{wrong}"
        checked.add(form)


def check_text(program, args, out: str, err: str, **place):
    # `logs` repeats what others have written, arguments included.
    if list(map(str, args))[:1] == ["logs"] or any(str(word) in NOT_OF_THIS_SITUATION for word in args):
        return
    check(program, in_text(out) + in_text(err), **place)
