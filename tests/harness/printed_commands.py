"""The commands that the program prints for people to paste: each has to be one as it stands.

Whatever any test runs goes through `check_text`. What a command line means is asked of the program itself: `config show
COMMAND FLAGS` takes it apart as the command would, runs nothing, and says which required flags nobody gave. That it does in
its situation what the message says is tried by the cases of tests/scenario/messages: each pair of a message and a command
that any test meets has to be in one of them, in the list of those that a test elsewhere pastes, or of those that cannot be tried."""

import json
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

MESSAGES = Path(__file__).resolve().parents[1] / "scenario/messages"

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
                           capture_output=True, text=True, timeout=180, **place)
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


ERROR = re.compile(r'^(?:error(?:\[([A-Z]{3}-[0-9]{3})\]|:) |\{"code":"([A-Z]{3}-[0-9]{3})?")', re.MULTILINE)
# Told by the state or given by the user, and the same for every command of a migration.
OF_EVERY_COMMAND = ("--source-", "--target-", "--export-dir", "--export-type", "--config-file")
WITHOUT_CODE = "no code"
PASTING = ("paste", "begin")   # Steps of the cases.


def words_of(args: list[str]) -> list[str]:
    return args[:next((i for i, word in enumerate(args) if word.startswith("-")), len(args))]


def kind_of(command: str, args: list[str]) -> str:
    """What is printed, as far as readers tell it apart: the words, "again" for those of the command that has spoken, and the
    flags that it was not given and that no connection is."""
    words, flags = parts(command)
    if words[:1] and words[0] in NOT_OF_THIS_SITUATION:
        return words[0]
    given = {word.split("=")[0] for word in args}
    told = []
    for i, word in enumerate(flags):
        if not word.startswith("--") or word.startswith(OF_EVERY_COMMAND):
            continue
        value = flags[i + 1] if i + 1 < len(flags) and not flags[i + 1].startswith("--") else ""
        if word in given and (value in args or value in ("true", "")):
            continue
        told.append(f"{word} {value if re.fullmatch('[a-z-]+', value) else 'V'}")
    return " ".join([*(["again"] if words == words_of(args) else words), *sorted(told)])


def situations(args, out: str, err: str) -> dict[tuple[str, str], str]:
    """Who printed what kind of command, with the command: who is the code of an error, or the words of a command that had
    something else to tell."""
    args = list(map(str, args))
    found = {}
    informs = any(word in NOT_OF_THIS_SITUATION for word in args)   # What it shows are examples.
    for text in (COLOUR.sub("", out), COLOUR.sub("", err)):
        broken = ERROR.search(text)
        at = broken.start() if broken else len(text)
        code = (broken[1] or broken[2] or WITHOUT_CODE) if broken else ""
        for who, part in ((" ".join(words_of(args)), "" if informs else text[:at]), (code, text[at:])):
            for command in in_text(part):
                found[(who, kind_of(command, args))] = command
    return found


def printed_in(done, who: str, kind: str) -> list[str]:
    """The arguments of a command that a result holds, for tests that paste it: test_messages.py looks for calls of this."""
    found = situations(done.args, done.out, done.err)
    assert (who, kind) in found, f"{who} has not printed '{kind}' but {found}\n{done}"
    words, flags = parts(found[(who, kind)])
    return [*words, *flags]


@cache
def cases() -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Of the text files: who prints, what the case is about, and the steps (verb, what belongs to it, text)."""
    found = []
    for path in sorted(MESSAGES.glob("*.txt")):
        for line in path.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if head := re.match(r"== ([^:]+): (.+)$", line):
                found.append((head[1], f"{path.stem}: {head[2]}", []))
            elif line.startswith(" "):
                verb, more, text = found[-1][2].pop()
                found[-1][2].append((verb, more, f"{text}\n{line.strip()}"))
            else:
                step = re.match(r"(\w+)(?: ([^:]+))?: *(.*)$", line)
                assert step, f"{path.name}: no step: {line}"
                found[-1][2].append((step[1], step[2] or "", step[3]))
    return found


def listed(name: str) -> dict[tuple[str, str], str]:
    """Who and what kind → what stands behind it."""
    found = {}
    for line in (MESSAGES / name).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            who, kind, more = (part.strip() for part in line.split("|"))
            assert more and (who, kind) not in found, line
            found[(who, kind)] = more
    return found


@cache
def elsewhere() -> dict[tuple[str, str], str]:
    """By which file of tests."""
    return listed("elsewhere")


@cache
def not_tried() -> dict[tuple[str, str], str]:
    """Why. A code that prints no command has the kind "-"."""
    return listed("not_tried")


def pasted(who: str, text: str) -> tuple[str, str, str]:
    """Who prints it, what kind of command a step names ("WHO > KIND" where it is not whom the case is about), and what the reader
    adds ("KIND + FLAGS")."""
    kind, _, added = text.partition(" + ")
    other, _, of_other = kind.partition(" > ")
    return (other.strip(), of_other.strip(), added) if of_other else (who, kind.strip(), added)


@cache
def tried() -> set[tuple[str, str]]:
    return {pasted(who, text)[:2] for who, _, steps in cases() for verb, _, text in steps if verb in PASTING}


def check_text(program, args, out: str, err: str, **place):
    # `logs` repeats what others have written, arguments included.
    if list(map(str, args))[:1] == ["logs"] or any(str(word) in NOT_OF_THIS_SITUATION for word in args):
        return
    check(program, in_text(out) + in_text(err), **place)
    printed = situations(args, out, err)
    known = tried() | set(elsewhere()) | set(not_tried())
    unknown = {one: command for one, command in printed.items() if one not in known}
    assert not unknown, f"no case of {MESSAGES} pastes this, and not_tried does not say why not: {unknown}"
