#!/usr/bin/env python3
"""web_assets.py FOLDER OUT: writes OUT/web_assets.S and OUT/web_assets.cc, which hold the files of FOLDER."""
import gzip
import hashlib
import pathlib
import sys

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def main():
    folder, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    assembly, externs, rows = ['.section .rodata,"a",@progbits\n'], [], []
    for number, path in enumerate(sorted(p for p in folder.iterdir() if p.suffix in TYPES)):
        content = path.read_bytes()
        packed = out / f"{path.name}.gz"
        packed.write_bytes(gzip.compress(content, 9, mtime=0))
        for kind, file in (("plain", path), ("gzip", packed)):
            name = f"caprock_web_{number}_{kind}"
            assembly.append(f'.global {name}\n.global {name}_end\n{name}: .incbin "{file}"\n{name}_end: .byte 0\n')
            externs.append(f"extern const char {name}[];\nextern const char {name}_end[];\n")
        url = "/" if path.name == "index.html" else f"/{path.name}"
        etag = hashlib.sha256(content).hexdigest()[:32]
        rows.append(f'    WebAsset{{"{url}", "{TYPES[path.suffix]}", view(caprock_web_{number}_plain, caprock_web_{number}_plain_end), '
                    f'view(caprock_web_{number}_gzip, caprock_web_{number}_gzip_end), "\\"{etag}\\""}},\n')
    assembly.append('.section .note.GNU-stack,"",@progbits\n')
    (out / "web_assets.S").write_text("".join(assembly))
    (out / "web_assets.cc").write_text(
        '#include "server/surfaces/web/assets.h"\n\n#include <array>\n\nextern "C" {\n' + "".join(externs) + "}\n\n"
        "namespace caprock::server {\nnamespace {\n"
        "std::string_view view(const char* begin, const char* end) { return {begin, end}; }\n}  // namespace\n\n"
        "std::span<const WebAsset> web_assets() {\n  static const std::array assets{\n" + "".join(rows) + "  };\n  return assets;\n}\n\n"
        "}  // namespace caprock::server\n")


if __name__ == "__main__":
    main()
