package app

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// certificates gives TLS connections their certificate.
type certificates struct {
	log             *slog.Logger
	certPath, keyAt string
	every           time.Duration // files are looked at this often at most

	mu      sync.Mutex
	current *tls.Certificate
	looked  time.Time
	stamp   string
}

// newCertificates reads certificate and key for the first time: a server with
// unreadable ones does not start.
func newCertificates(certPath, keyPath string, log *slog.Logger) (*certificates, error) {
	s := &certificates{log: log, certPath: certPath, keyAt: keyPath, every: 10 * time.Second}
	stamp, err := s.stampNow()
	if err != nil {
		return nil, fmt.Errorf("the certificate cannot be read: %w. See %sTLS_CERT and %sTLS_KEY", err, Prefix, Prefix)
	}
	cert, err := tls.LoadX509KeyPair(certPath, keyPath)
	if err != nil {
		return nil, fmt.Errorf("certificate %s: %w", certPath, err)
	}
	s.current, s.stamp, s.looked = &cert, stamp, time.Now()
	return s, nil
}

// get is tls.Config.GetCertificate. Renewed files are taken when both fit; until
// then, and when they do not, the old certificate stays.
func (s *certificates) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.looked) < s.every {
		return s.current, nil
	}
	s.looked = time.Now()
	stamp, err := s.stampNow()
	if err != nil || stamp == s.stamp {
		return s.current, nil
	}
	cert, err := tls.LoadX509KeyPair(s.certPath, s.keyAt)
	if err != nil {
		s.log.Warn("certificate has changed and cannot be used yet", "file", s.certPath, "error", err)
		return s.current, nil
	}
	s.current, s.stamp = &cert, stamp
	s.log.Info("certificate read again", "file", s.certPath)
	return s.current, nil
}

// ends is when the present certificate does.
func (s *certificates) ends() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current.Leaf == nil {
		return time.Time{}
	}
	return s.current.Leaf.NotAfter
}

// stampNow changes when one of the files does.
func (s *certificates) stampNow() (string, error) {
	var stamp strings.Builder
	for _, path := range []string{s.certPath, s.keyAt} {
		info, err := os.Stat(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&stamp, "%d %d ", info.ModTime().UnixNano(), info.Size())
	}
	return stamp.String(), nil
}

// tlsConfig takes clients from TLS 1.2 on; Go's choice of ciphers is current.
func (s *certificates) tlsConfig() *tls.Config {
	return &tls.Config{GetCertificate: s.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// selfSigned returns the path of the data folder's own certificate (with its
// key), made when there is none that still holds for this host, and its SHA-256
// fingerprint.
func selfSigned(data, host string, now time.Time) (path, fingerprint string, made bool, err error) {
	path = filepath.Join(data, "tls-self.pem")
	kept, err := os.ReadFile(path)
	if err == nil {
		if cert := firstCertificate(kept); cert != nil && now.Before(cert.NotAfter) && (host == "" || cert.VerifyHostname(host) == nil) {
			return path, fingerprintOf(cert), false, nil
		}
	} else if !missing(err) {
		return "", "", false, err
	}
	fresh, err := makeCertificate(host, now)
	if err != nil {
		return "", "", false, err
	}
	return path, fingerprintOf(firstCertificate(fresh)), true, writeSecret(path, fresh)
}

func firstCertificate(data []byte) *x509.Certificate {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil
			}
			return cert
		}
	}
	return nil
}

func fingerprintOf(cert *x509.Certificate) string {
	sum := sha256.Sum256(cert.Raw)
	return strings.ReplaceAll(strings.ToUpper(fmt.Sprintf("% x", sum)), " ", ":")
}

// makeCertificate makes a P-256 key and its certificate for this machine's
// loopback names and host, good for two years: browsers refuse more than 825 days.
func makeCertificate(host string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	form := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "symbolon (self-signed)"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.AddDate(2, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil {
		form.IPAddresses = append(form.IPAddresses, ip)
	} else if host != "" && host != "localhost" {
		form.DNSNames = append(form.DNSNames, host)
	}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: cert}); err != nil {
		return nil, err
	}
	err = pem.Encode(&out, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return out.Bytes(), err
}
