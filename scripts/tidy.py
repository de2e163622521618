#!/usr/bin/env python3
"""Runs clang-tidy on the sources that changed.

tidy.py BUILD: the sources under src/ that BUILD compiled, tests and fuzz targets aside, which changed or include a header
of ours that did. Changed means: against CAPROCK_TIDY_BASE; else against what the branch left origin/main at; else against
the commit before. CAPROCK_TIDY_ALL=1 takes every source. A source that passed before is not checked again: it is known by
the hash of itself, of the project headers it includes (ninja knows them from the last build) and of .clang-tidy.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "caprock" / "tidy"


def dependencies(build):
    """source → project files it is made of, from ninja's dependency log."""
    found, current = {}, []
    lines = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True, check=True).stdout
    for line in lines.splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve() if not os.path.isabs(line.strip()) else pathlib.Path(line.strip())
            if path.is_relative_to(ROOT / "src"):
                current.append(path)
        elif line.strip():
            current = []
            found[line.split(":")[0]] = current
    return {source: files for files in found.values() for source in files[:1] if is_checked(source)}


def is_checked(source):
    """Not what the build generates, whose first file of ours is a header."""
    return source.suffix == ".cc" and source.exists() and not source.name.endswith(("_test.cc", "_fuzz.cc"))


def git(*arguments):
    run = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def changed_files():
    """Project files that changed against the base, uncommitted ones too; None for all of them."""
    if os.environ.get("CAPROCK_TIDY_ALL"):
        return None
    head = git("rev-parse", "HEAD")
    base = os.environ.get("CAPROCK_TIDY_BASE") or git("merge-base", "HEAD", "origin/main")
    if not base or base == head:
        base = git("rev-parse", "HEAD~1")
    if not base:
        return None
    return {ROOT / name for name in git("diff", "--name-only", base).splitlines()}


def key(files):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for path in sorted(set(files)):
        if path.exists():
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def check(build, source):
    """Whether the source passes, and what clang-tidy says."""
    run = subprocess.run(["clang-tidy-19", "-p", build, "--quiet", source], capture_output=True, text=True)
    return run.returncode == 0, run.stdout.strip() or run.stderr.strip()


def main():
    build = (ROOT / sys.argv[1]).resolve()
    compiled = {pathlib.Path(entry["file"]).resolve() for entry in json.loads((build / "compile_commands.json").read_text())}
    CACHE.mkdir(parents=True, exist_ok=True)
    changed = changed_files()
    todo = {}
    for source, files in dependencies(build).items():
        if source in compiled and (changed is None or changed.intersection(files)):
            digest = key(files)
            if not (CACHE / digest).exists():
                todo[source] = digest
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(check, build, source): (source, digest) for source, digest in sorted(todo.items())}
        for done in concurrent.futures.as_completed(runs):
            source, digest = runs[done]
            passed, output = done.result()
            if passed:
                (CACHE / digest).touch()
            else:
                failed += 1
                print(f"{source.relative_to(ROOT)}:\n{output}\n", flush=True)
    print(f"clang-tidy: {len(todo)} files checked, {failed} with findings; the others did not change, or passed as they are")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
