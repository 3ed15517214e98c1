package localpg

// NothingInstalled makes this process find no PostgreSQL outside PATH, and offers it an empty cache and a repository.
func NothingInstalled(cache, url string) { installed, rootCache, repository = nil, cache, url }
