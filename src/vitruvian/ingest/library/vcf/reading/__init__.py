"""Files taken apart: headers, lines, cells, sheets and regions."""
