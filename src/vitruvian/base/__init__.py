"""Words that every room uses: errors, ids, clock, plug-in manifests."""
