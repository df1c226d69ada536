"""Tokens, scopes and distances."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigchip.correct.distance import distance, nearest
from aigchip.diagnose.source import declarations, edited, tokens, visible

CODE = """struct S { int field; };
static int helper(int left, const ap_uint<8>& right) { return left + right; }
void f(hls::stream<ap_uint<8> >& x) {
  int a = 1, b = 2;
  ap_int<32> sums[4][2];  // no d here
  for (int i = 0; i < 4; i++) { ap_uint<9> inner = a * b; sums[i][0] = inner; }
  bool last; int* p = &a;
  // int hidden;
  S s = {1};
  a = b;
}
"""


def test_declarations_and_scopes():
    assert {d.name for d in declarations(CODE)} >= {
        "field",
        "left",
        "right",
        "x",
        "a",
        "b",
        "sums",
        "i",
        "inner",
        "last",
        "p",
        "s",
    }
    assert "hidden" not in {d.name for d in declarations(CODE)}
    at = CODE.index("a = b;")
    assert set(visible(CODE, at)) - {"S"} >= {"x", "a", "b", "sums", "last", "p", "s"}
    assert not {"inner", "i", "left"} & set(visible(CODE, at))
    assert visible(CODE, at)["sums"].array


def test_nearest():
    assert nearest("wrod", {"word", "ward", "row"}) == ["word"]
    assert nearest("wordz", {"wordx", "wordy"}) == ["wordx", "wordy"]
    assert nearest("biasWords", {"bias_words", "bias_word"}) == ["bias_words"]
    assert nearest("ro", {"row"}) == []
    assert nearest("I", {"i", "j"}) == ["i"]
    assert nearest("quantum", {"word"}) == []


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 3))
def test_distance_is_a_distance(left: str, right: str, limit: int):
    far = distance(left, right, limit)
    assert far == distance(right, left, limit)
    assert 0 <= far <= limit + 1
    assert (far == 0) == (left == right)


@given(st.text(max_size=200))
def test_tokens_lie_in_the_text(text: str):
    last = 0
    for token in tokens(text):
        assert token.start >= last
        assert text[token.start : token.end] == token.text
        last = token.end
    assert edited(text, []) == text
    declarations(text)
