"""Prometheus' text as a reader that takes nothing on trust: what `promtool check metrics` would complain about is an error."""

import re
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

BASE_UNITS = ("_seconds", "_bytes", "_percent", "_rows", "_info", "_total", "_pending", "_parallelism", "_catch_up")


def text_of(port) -> str:
    """None while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return answer.read().decode()
    except (urllib.error.URLError, ConnectionError):
        return None


def samples(text) -> dict:
    """(name, labels apart from those of every sample) -> value."""
    out = {}
    for family in text_string_to_metric_families(text):
        assert re.fullmatch("yb_voyager_[a-z_]+", family.name), family.name
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        assert family.name.endswith(BASE_UNITS) or family.type == "counter", family.name
        for sample in family.samples:
            assert family.type != "counter" or sample.name.endswith("_total"), sample
            labels = dict(sample.labels)
            assert labels.pop("migration_uuid") and labels.pop("session_id"), sample
            key = (sample.name, frozenset(labels.items()))
            assert key not in out, f"two samples of one thing: {sample}"
            out[key] = sample.value
    assert len(re.findall("^# TYPE", text, re.M)) == len(set(re.findall("^# TYPE (\\S+)", text, re.M)))
    return out


def scraped(port) -> "Scrape":
    text = text_of(port)
    return None if text is None else Scrape(text)


class Scrape:
    def __init__(self, text):
        self.text = text
        self.samples = samples(text)

    def value(self, name, **labels):
        """Of the one sample that has these labels; None where there is none."""
        found = [v for (n, have), v in self.samples.items() if n == "yb_voyager_" + name and set(labels.items()) <= have]
        assert len(found) <= 1, (name, labels, found)
        return found[0] if found else None

    def names(self):
        return {name for name, _ in self.samples}
