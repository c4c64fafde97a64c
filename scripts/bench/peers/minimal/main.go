// Command minimal is the least that does the plugin's main job, by Go's standard library alone: the yardstick of
// `npm run bench -- --peers`. It has one instance and one AccessKey, and none of what operators need.
package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"syscall"
	"time"
)

type config struct {
	Host, InstanceID, Endpoint, CAFile, CacheFile, AccessKeyID, AccessKeySecret string
}

type request struct {
	Kind, APIVersion, Image string
}

type token struct {
	TempUsername, AuthorizationToken string
	ExpireTime                       int64
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var asked request
	if err := json.NewDecoder(io.LimitReader(os.Stdin, 1<<20)).Decode(&asked); err != nil {
		return err
	}
	var conf config
	content, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, &conf); err != nil {
		return err
	}
	host, _, _ := strings.Cut(asked.Image, "/")
	if host != conf.Host {
		return answer(asked, nil)
	}
	found, err := cached(conf)
	if err != nil {
		return err
	}
	return answer(asked, map[string]map[string]string{
		host: {"username": found.TempUsername, "password": found.AuthorizationToken},
	})
}

func answer(asked request, auth map[string]map[string]string) error {
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"kind":          "CredentialProviderResponse",
		"apiVersion":    asked.APIVersion,
		"cacheKeyType":  "Registry",
		"cacheDuration": "30m",
		"auth":          auth,
	})
}

// cached is the kept token, or a new one that one process asks for while the others wait for the lock.
func cached(conf config) (token, error) {
	if kept, ok := read(conf.CacheFile); ok {
		return kept, nil
	}
	lock, err := os.OpenFile(conf.CacheFile+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return token{}, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return token{}, err
	}
	if kept, ok := read(conf.CacheFile); ok {
		return kept, nil
	}
	got, err := ask(conf)
	if err != nil {
		return token{}, err
	}
	content, err := json.Marshal(got)
	if err != nil {
		return token{}, err
	}
	temporary := fmt.Sprintf("%s.%d", conf.CacheFile, os.Getpid())
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return token{}, err
	}
	return got, os.Rename(temporary, conf.CacheFile)
}

func read(path string) (token, bool) {
	var kept token
	content, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(content, &kept) != nil {
		return token{}, false
	}
	return kept, time.Now().UnixMilli() < kept.ExpireTime-15*60_000
}

// ask is GetAuthorizationToken of ACR's API 2018-12-01, signed by ACS3-HMAC-SHA256.
func ask(conf config) (token, error) {
	query := "InstanceId=" + url.QueryEscape(conf.InstanceID)
	call, err := http.NewRequest(http.MethodPost, conf.Endpoint+"/?"+query, nil)
	if err != nil {
		return token{}, err
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return token{}, err
	}
	headers := map[string]string{
		"host":                  call.URL.Host,
		"x-acs-action":          "GetAuthorizationToken",
		"x-acs-version":         "2018-12-01",
		"x-acs-date":            time.Now().UTC().Format("2006-01-02T15:04:05Z"),
		"x-acs-signature-nonce": hex.EncodeToString(nonce),
		"x-acs-content-sha256":  digest(""),
	}
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	var lines strings.Builder
	for _, name := range names {
		fmt.Fprintf(&lines, "%s:%s\n", name, headers[name])
		call.Header.Set(name, headers[name])
	}
	signed := strings.Join(names, ";")
	canonical := strings.Join([]string{"POST", "/", query, lines.String(), signed, digest("")}, "\n")
	mac := hmac.New(sha256.New, []byte(conf.AccessKeySecret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + digest(canonical)))
	call.Header.Set("Authorization", fmt.Sprintf("ACS3-HMAC-SHA256 Credential=%s,SignedHeaders=%s,Signature=%s",
		conf.AccessKeyID, signed, hex.EncodeToString(mac.Sum(nil))))
	return send(conf, call)
}

func send(conf config, call *http.Request) (token, error) {
	client := http.Client{Timeout: 5 * time.Second}
	if conf.CAFile != "" {
		pem, err := os.ReadFile(conf.CAFile)
		if err != nil {
			return token{}, err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	}
	response, err := client.Do(call)
	if err != nil {
		return token{}, err
	}
	defer response.Body.Close()
	var got token
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return token{}, err
	}
	if err := json.Unmarshal(body, &got); err != nil || got.AuthorizationToken == "" {
		return token{}, fmt.Errorf("HTTP %d: %s", response.StatusCode, body)
	}
	return got, nil
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
