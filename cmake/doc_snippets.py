#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""Extracts the cpp code blocks of Markdown files, for the build to compile.

usage: doc_snippets.py SOURCE_DIR OUTPUT_DIR FILE.md...

Writes OUTPUT_DIR/<file>_<n>.cpp, n counting the blocks of a file from 1, and prints one line for
each: "program <path>" if it holds `int main`, else "unit <path>". Conventions, in CONTRIBUTING.md:
  * a block that includes nothing is given #include <troupe/troupe.hpp>;
  * `<!-- snippet: continues -->` right above a block appends it to the block before.
Files that would not change are left alone, so that nothing is compiled again without need; files
of blocks that are gone are removed.
"""

import pathlib
import re
import sys

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,})\s*(?P<language>[\w+-]*)")
CONTINUES = re.compile(r"<!--\s*snippet:\s*continues\s*-->")
UNKNOWN_COMMENT = re.compile(r"<!--\s*snippet:(?!\s*continues\s*-->)")
MAIN = re.compile(r"^\s*int\s+main\s*\(", re.MULTILINE)


class Block:
    """Lines of one block, where they stand, and whether they continue the block before."""

    def __init__(self, line, continues):
        self.line = line
        self.continues = continues
        self.lines = []


def fail(path, line, text):
    sys.exit(f"{path}:{line}: {text}")


def cpp_blocks(path, text):
    """All blocks of language cpp in a Markdown text."""
    blocks = []
    fence = None
    current = None
    continues = False
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if fence is None:
            if UNKNOWN_COMMENT.search(line):
                fail(path, number, "unknown snippet comment")
            if match:
                fence = match
                if match["language"] == "cpp":
                    current = Block(number + 1, continues)
                    blocks.append(current)
                continues = False
            elif line.strip():
                continues = bool(CONTINUES.search(line))
        elif match and not match["language"] and match["fence"].startswith(fence["fence"]):
            fence = current = None
        elif current:
            current.lines.append(line.removeprefix(fence["indent"]))
    if fence is not None:
        fail(path, len(text.splitlines()), "a code block is not closed")
    return blocks


def snippets(path, blocks):
    """The texts to compile: continuations joined, includes completed, #line pointing at `path`."""
    groups = []
    for block in blocks:
        if not block.continues:
            groups.append([block])
        elif groups:
            groups[-1].append(block)
        else:
            fail(path, block.line, "continues, but there is no block before it")
    for group in groups:
        body = "".join(
            f'#line {block.line} "{path}"\n' + "".join(f"{line}\n" for line in block.lines)
            for block in group
        )
        yield body if "#include" in body else f"#include <troupe/troupe.hpp>\n{body}"


def main():
    source_dir, output_dir = map(pathlib.Path, sys.argv[1:3])
    output_dir.mkdir(parents=True, exist_ok=True)
    written = set()
    for name in sys.argv[3:]:
        path = source_dir / name
        stem = re.sub(r"\W+", "_", str(pathlib.PurePath(name).with_suffix("")))
        blocks = cpp_blocks(path, path.read_text(encoding="utf-8"))
        for number, text in enumerate(snippets(path, blocks), 1):
            output = output_dir / f"{stem}_{number}.cpp"
            written.add(output)
            if not output.exists() or output.read_text(encoding="utf-8") != text:
                output.write_text(text, encoding="utf-8")
            print("program" if MAIN.search(text) else "unit", output)
    for stale in set(output_dir.glob("*.cpp")) - written:
        stale.unlink()


if __name__ == "__main__":
    main()
