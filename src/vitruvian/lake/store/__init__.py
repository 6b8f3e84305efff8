"""Where the bytes lie: catalogue, hot log, table files, blobs, leases."""
