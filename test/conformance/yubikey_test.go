package conformance

import (
	"crypto/aes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// yubikeyOTP is yubikey KEYHEX PUBLICHEX PRIVATEHEX COUNTER [SESSION]: what a
// YubiKey types in its own (AES) mode: the public id and the encrypted block of
// private id (6 bytes), power-up counter, time stamp, session counter, random
// part and checksum, all in modhex. Time stamp and random part are fixed.
func yubikeyOTP(a []string) (string, error) {
	if len(a) < 4 {
		return "", errors.New("want KEYHEX PUBLICHEX PRIVATEHEX COUNTER [SESSION]")
	}
	var raw [3][]byte
	for i := range raw {
		b, err := hex.DecodeString(a[i])
		if err != nil {
			return "", err
		}
		raw[i] = b
	}
	key, public, private := raw[0], raw[1], raw[2]
	counter, err := strconv.ParseUint(a[3], 10, 15)
	if err != nil {
		return "", err
	}
	session := uint64(0)
	if len(a) > 4 {
		if session, err = strconv.ParseUint(a[4], 10, 8); err != nil {
			return "", err
		}
	}
	if len(key) != 16 || len(private) != 6 {
		return "", errors.New("the key has 16 bytes and the private id 6")
	}
	block := binary.LittleEndian.AppendUint16(append([]byte{}, private...), uint16(counter))
	block = append(block, 0x34, 0x12, 0x01, byte(session), 0xca, 0xfe)
	crc := uint16(0xffff)
	for _, b := range block {
		crc ^= uint16(b)
		for range 8 {
			low := crc & 1
			crc >>= 1
			if low != 0 {
				crc ^= 0x8408
			}
		}
	}
	block = binary.LittleEndian.AppendUint16(block, ^crc)
	c, err := aes.NewCipher(key)
	if err != nil {
		return "", err
	}
	c.Encrypt(block, block)
	text := hex.EncodeToString(append(public, block...))
	return strings.Map(func(r rune) rune { return rune("cbdefghijklnrtuv"[strings.IndexRune("0123456789abcdef", r)]) }, text), nil
}
