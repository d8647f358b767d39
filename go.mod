module symbolon

go 1.26.0

require (
	github.com/go-crypt/crypt v0.14.15
	golang.org/x/crypto v0.59.0
)

require (
	github.com/go-crypt/x v0.4.16 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
