module symbolon

go 1.26.0

require (
	github.com/go-crypt/crypt v0.14.15
	github.com/yeqown/go-qrcode/v2 v2.3.0
	golang.org/x/crypto v0.59.0
)

require (
	github.com/go-crypt/x v0.4.16 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	github.com/yeqown/reedsolomon v1.0.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)
