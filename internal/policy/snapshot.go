package policy

// Snapshot is the immutable set of policies one request is decided under.
type Snapshot struct{ stub []Policy }
