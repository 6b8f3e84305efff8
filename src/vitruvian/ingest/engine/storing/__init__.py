"""Writing what every format writes alike: rows as Arrow, and which mapping made them."""
