"""Images, signals and attachments of a certain age on another disk or in an object store."""
