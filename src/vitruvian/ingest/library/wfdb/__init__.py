"""WFDB: recordings of bedside monitors and electrocardiographs."""
