package conformance

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"math/big"
	"slices"
)

// The primitives of LinOTP's pairing (linotp-pairing.md 2).

func eaxOMAC(block cipher.Block, t byte, parts ...[]byte) []byte {
	m := append(make([]byte, 15), t)
	for _, p := range parts {
		m = append(m, p...)
	}
	double := func(b []byte) []byte {
		out := make([]byte, 16)
		carry := byte(0)
		for i := 15; i >= 0; i-- {
			out[i] = b[i]<<1 | carry
			carry = b[i] >> 7
		}
		out[15] ^= 0x87 * carry
		return out
	}
	k := make([]byte, 16)
	block.Encrypt(k, k)
	k = double(k)
	if len(m)%16 != 0 {
		k = double(k)
		m = append(m, 0x80)
		m = append(m, make([]byte, (16-len(m)%16)%16)...)
	}
	at := len(m) - 16
	subtle.XORBytes(m[at:], m[at:], k)
	x := make([]byte, 16)
	for ; len(m) > 0; m = m[16:] {
		subtle.XORBytes(x, x, m[:16])
		block.Encrypt(x, x)
	}
	return x
}

func eaxSeal(key, nonce, header, msg []byte) []byte {
	block, _ := aes.NewCipher(key)
	n := eaxOMAC(block, 0, nonce)
	out := make([]byte, len(msg), len(msg)+16)
	cipher.NewCTR(block, n).XORKeyStream(out, msg)
	tag := make([]byte, 16)
	subtle.XORBytes(tag, n, eaxOMAC(block, 1, header))
	subtle.XORBytes(tag, tag, eaxOMAC(block, 2, out))
	return append(out, tag...)
}

func eaxOpen(key, nonce, header, sealed []byte) ([]byte, error) {
	if len(sealed) < 16 {
		return nil, errors.New("shorter than a tag")
	}
	block, _ := aes.NewCipher(key)
	ct, tag := sealed[:len(sealed)-16], sealed[len(sealed)-16:]
	n := eaxOMAC(block, 0, nonce)
	want := make([]byte, 16)
	subtle.XORBytes(want, n, eaxOMAC(block, 1, header))
	subtle.XORBytes(want, want, eaxOMAC(block, 2, ct))
	if subtle.ConstantTimeCompare(tag, want) != 1 {
		return nil, errors.New("the tag is wrong")
	}
	out := make([]byte, len(ct))
	cipher.NewCTR(block, n).XORKeyStream(out, ct)
	return out, nil
}

func x25519(secret, public []byte) ([]byte, error) {
	k, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		return nil, err
	}
	p, err := ecdh.X25519().NewPublicKey(public)
	if err != nil {
		return nil, err
	}
	return k.ECDH(p)
}

func x25519Public(secret []byte) []byte {
	k, err := ecdh.X25519().NewPrivateKey(secret)
	if err != nil {
		panic(err)
	}
	return k.PublicKey().Bytes()
}

func edToXSecret(seed []byte) []byte {
	sum := sha512.Sum512(seed)
	b := sum[:32]
	b[0] &= 248
	b[31] = b[31]&127 | 64
	return b
}

func edToXPublic(public []byte) []byte {
	p := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	y := slices.Clone(public)
	y[31] &= 127
	slices.Reverse(y)
	n := new(big.Int).SetBytes(y)
	one := big.NewInt(1)
	u := new(big.Int).Sub(one, n)
	u.Mod(u, p).ModInverse(u, p)
	u.Mul(u, new(big.Int).Add(one, n)).Mod(u, p)
	out := u.FillBytes(make([]byte, 32))
	slices.Reverse(out)
	return out
}
