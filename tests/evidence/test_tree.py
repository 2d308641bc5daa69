"""The tree: public vectors of RFC 6962, an independent implementation, and properties of its proofs."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency  # type: ignore[import-untyped]

from lianbot.evidence import tree
from lianbot.evidence.errors import EvidenceError

# The reference leaves of Certificate Transparency and their published roots and paths.
INPUTS = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
L0, L1 = ROOTS[1], "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
LEAVES = [tree.leaf_hash(one) for one in INPUTS]

sizes = st.integers(1, 70)


def leaves_of(count: int) -> list[bytes]:
    return [tree.leaf_hash(b"%d" % number) for number in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_public_vectors(size: int) -> None:
    assert tree.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [L1, N23, N47]),
        (5, 8, [L4, N67, ROOTS[4]]),
        (2, 3, [ROOTS[2]]),
        (1, 5, [L0, N23, L4]),
    ],
)
def test_inclusion_paths_are_those_of_the_public_vectors(
    index: int, size: int, path: list[str]
) -> None:
    proof = tree.inclusion_proof(index, LEAVES[:size])
    assert [one.hex() for one in proof] == path
    assert tree.inclusion_holds(LEAVES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(
    ("first", "second", "path"),
    [
        (1, 1, []),
        (1, 8, [L1, N23, N47]),
        (6, 8, [N45, N67, ROOTS[4]]),
        (2, 5, [N23, L4]),
    ],
)
def test_consistency_paths_are_those_of_the_public_vectors(
    first: int, second: int, path: list[str]
) -> None:
    proof = tree.consistency_proof(first, LEAVES[:second])
    roots = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second])
    assert [one.hex() for one in proof] == path
    assert tree.consistency_holds(first, roots[0], second, roots[1], proof)


def test_a_thousand_random_trees_agree_with_pymerkle() -> None:
    chance = random.Random(9162)
    for _ in range(1000):
        size = chance.randint(1, 90)
        data = [chance.randbytes(chance.randint(0, 40)) for _ in range(size)]
        # Its defaults are ours: SHA-256, prefixes 0x00 and 0x01, odd nodes not doubled.
        theirs = InmemoryTree(algorithm="sha256")
        theirs.append_entries(data)
        ours = [tree.leaf_hash(one) for one in data]
        index, first = chance.randrange(size), chance.randint(1, size)
        assert theirs.get_root() == tree.root(ours)
        assert theirs.get_root(first) == tree.root(ours[:first])
        # pymerkle counts from one and puts the leaf itself first
        assert theirs.prove_inclusion(index + 1).path[1:] == tree.inclusion_proof(index, ours)
        # its consistency paths have another layout than the RFC's, so its own check reads our roots
        proof = theirs.prove_consistency(first, size)
        verify_consistency(tree.root(ours[:first]), tree.root(ours), proof)


def subproof(first: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162 §2.1.4.1, word for word."""
    if first == len(leaves):
        return [] if whole else [tree.root(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if first <= split:
        return [*subproof(first, leaves[:split], whole), tree.root(leaves[split:])]
    return [*subproof(first - split, leaves[split:], False), tree.root(leaves[:split])]


@given(sizes, st.data())
def test_a_consistency_proof_is_the_one_of_the_rfc(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    assert tree.consistency_proof(first, leaves) == subproof(first, leaves, True)


@given(sizes, st.data())
def test_every_leaf_is_proven_at_its_place_and_at_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size))
    leaves = leaves_of(size)
    proof = tree.inclusion_proof(index, leaves)
    held = tree.inclusion_holds(leaves[index], other, size, proof, tree.root(leaves))
    assert held == (other == index)


@given(sizes, st.data())
def test_a_changed_step_breaks_an_inclusion_proof(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size + 1)
    index = data.draw(st.integers(0, size))
    proof = tree.inclusion_proof(index, leaves)
    at = data.draw(st.integers(0, len(proof) - 1))
    for broken in ([*proof[:at], bytes(32), *proof[at + 1 :]], proof[:at], [*proof, bytes(32)]):
        assert not tree.inclusion_holds(leaves[index], index, size + 1, broken, tree.root(leaves))


@given(sizes, st.data())
def test_an_older_tree_is_proven_to_be_a_beginning(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    first = data.draw(st.integers(0, size))
    proof = tree.consistency_proof(first, leaves)
    roots = tree.root(leaves[:first]), tree.root(leaves)
    assert tree.consistency_holds(first, roots[0], size, roots[1], proof)


@given(sizes, st.data())
def test_a_rewritten_history_has_no_consistency_proof(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size + 1)
    first = data.draw(st.integers(1, size))
    changed = [bytes(32), *leaves[1:]]
    proof = tree.consistency_proof(first, changed)
    roots = tree.root(leaves[:first]), tree.root(changed)
    assert not tree.consistency_holds(first, roots[0], size + 1, roots[1], proof)


def test_an_inner_node_shown_as_a_leaf_is_not_included() -> None:
    node = LEAVES[0] + LEAVES[1]
    pretended = [tree.leaf_hash(node), tree.node_hash(LEAVES[2], LEAVES[3])]
    assert tree.root(pretended) != tree.root(LEAVES[:4])
    proof = tree.inclusion_proof(0, LEAVES[:4])[1:]
    assert not tree.inclusion_holds(tree.leaf_hash(node), 0, 2, proof, tree.root(LEAVES[:4]))


@given(sizes, sizes)
def test_a_frontier_goes_on_where_it_was_stored(first: int, more: int) -> None:
    leaves = leaves_of(first + more)
    begun = tree.Frontier()
    for leaf in leaves[:first]:
        begun.append(leaf)
    resumed = tree.Frontier(begun.size, begun.hashes)
    for leaf in leaves[first:]:
        resumed.append(leaf)
    assert (resumed.size, resumed.root()) == (first + more, tree.root(leaves))


def test_a_frontier_with_a_hash_too_few_is_refused() -> None:
    with pytest.raises(EvidenceError):
        tree.Frontier(3, [bytes(32)])


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(EvidenceError):
        tree.inclusion_proof(index, leaves_of(size))


def test_two_hundred_thousand_leaves_take_seconds_at_most() -> None:
    begun = time.process_time()
    tree.root(tree.leaf_hash(b"%d" % number) for number in range(200_000))
    assert time.process_time() - begun < 5
