module symbolon

go 1.26.0

require (
	github.com/yeqown/go-qrcode/v2 v2.3.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/yeqown/reedsolomon v1.0.0 // indirect
	golang.org/x/text v0.44.0 // indirect
)
