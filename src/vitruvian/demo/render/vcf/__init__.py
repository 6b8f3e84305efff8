"""Gene panels as a laboratory sends them: VCF, a sheet of samples, BED files of what was called."""

from vitruvian.demo.render.vcf.gene_test import GeneTest, gene_tests, panel_files

__all__ = ["GeneTest", "gene_tests", "panel_files"]
