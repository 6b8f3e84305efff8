"""The audit for those whom the policy lets read it: who looked at whom, when and why."""
