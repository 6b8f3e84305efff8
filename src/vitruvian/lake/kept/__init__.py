"""What a process keeps of a lake between requests: lists of files, answers, answers that follow."""
