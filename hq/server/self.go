package server

import (
	"bytes"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
)

// Self asks the headquarters that serves on listen, on this machine. Its certificate, if it has one, is for the name that others
// know it by, so that it is compared with the file instead.
func Self(listen, cert string) (client *http.Client, address string, err error) {
	if cert == "" {
		return http.DefaultClient, "http://" + listen, nil
	}
	text, err := os.ReadFile(cert)
	if err != nil {
		return nil, "", fmt.Errorf("read the certificate: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, "", fmt.Errorf("read the certificate: %s is no PEM file", cert)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error {
		if !bytes.Equal(state.PeerCertificates[0].Raw, block.Bytes) {
			return fmt.Errorf("%s shows another certificate than %s", listen, cert)
		}
		return nil
	}}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}, "https://" + listen, nil
}
