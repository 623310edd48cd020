package io.github.multiprom.exposition.webconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.exposition.http.RateLimiter;
import io.github.multiprom.exposition.webconfig.TlsSettings.ClientAuth;
import io.github.multiprom.exposition.webconfig.WebConfig.RateLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebConfigTest {
  @TempDir Path directory;

  private WebConfig read(String... lines) throws IOException {
    Files.write(directory.resolve("cert.pem"), List.of("a certificate"));
    Files.write(directory.resolve("key.pem"), List.of("a key"));
    return WebConfig.read(
        Files.write(directory.resolve("web.yml"), List.of(lines)), new WatchedFiles());
  }

  @Test
  void isEmptyWithoutContent() throws IOException {
    WebConfig config = read("");
    assertNull(config.tls());
    assertNull(config.rateLimit());
    assertEquals(Map.of(), config.users());
    assertEquals(Map.of(), config.headers());
  }

  @Test
  void readsEveryKey() throws IOException {
    String hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
    WebConfig config =
        read(
            "tls_server_config:",
            "  cert_file: cert.pem",
            "  key_file: " + directory.resolve("key.pem"),
            "  client_auth_type: RequireAndVerifyClientCert",
            "  client_ca: |",
            "    an authority",
            "  client_allowed_sans: [example.org]",
            "  min_version: TLS12",
            "  max_version: TLS12",
            "  cipher_suites:",
            "    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "  prefer_server_cipher_suites: false",
            "http_server_config:",
            "  http2: false",
            "  headers:",
            "    X-Frame-Options: deny",
            "    Strict-Transport-Security: max-age=31536000",
            "    Content-Security-Policy: ''",
            "basic_auth_users:",
            "  alice: " + hash,
            "  17: " + hash,
            "rate_limit:",
            "  interval: 1m0.5s",
            "  burst: 20");
    TlsSettings tls = config.tls();
    assertEquals("a certificate\n", tls.certificates());
    assertEquals("a key\n", tls.key());
    assertEquals("an authority\n", tls.clientAuthorities());
    assertEquals(ClientAuth.REQUIRE_AND_VERIFY_CLIENT_CERT, tls.clientAuth());
    assertEquals(List.of("example.org"), tls.clientAllowedNames());
    assertEquals(List.of("TLSv1.2"), tls.protocols());
    assertEquals(List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), tls.cipherSuites());
    assertFalse(tls.prefersOwnOrder());
    assertEquals(
        Map.of("X-Frame-Options", "deny", "Strict-Transport-Security", "max-age=31536000"),
        config.headers());
    assertEquals(Map.of("alice", hash, "17", hash), config.users());
    assertEquals(new RateLimit(60_500_000_000L, 20), config.rateLimit());
  }

  @Test
  void prefersTls12And13ByDefault() throws IOException {
    TlsSettings tls = read("tls_server_config: {cert: a, key: b}").tls();
    assertEquals(List.of("TLSv1.2", "TLSv1.3"), tls.protocols());
    assertEquals(ClientAuth.NO_CLIENT_CERT, tls.clientAuth());
    assertTrue(tls.prefersOwnOrder());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          basic_auth: {}                                                   | unknown key basic_auth
          tls_server_config: {cert: a, key: b, ca: c}                      | unknown key tls_server_config.ca
          http_server_config: {http3: true}                                | unknown key http_server_config.http3
          http_server_config: {http2: 3}                                   | http_server_config.http2 must be true or false
          http_server_config: {headers: {Server: me}}                      | HTTP header Server can not be configured
          http_server_config: {headers: {X-Frame-Options: no}}             | invalid value for X-Frame-Options
          rate_limit: {every: 1s}                                          | unknown key rate_limit.every
          rate_limit: {interval: 1 second}                                 | not a duration: 1 second
          rate_limit: {interval: 1s, burst: x}                             | rate_limit.burst is no number: x
          basic_auth_users: [alice]                                        | basic_auth_users must be a mapping
          basic_auth_users: {alice: secret}                                | the password of alice is no bcrypt hash
          tls_server_config: {key: b}                                      | missing one of cert or cert_file
          tls_server_config: {cert: a}                                     | missing one of key or key_file
          tls_server_config: {client_auth_type: NoClientCert}              | missing one of cert or cert_file
          tls_server_config: {cert_file: none.pem, key: b}                 | none.pem: no such file
          tls_server_config: {cert: a, key: b, min_version: TLS14}         | unknown TLS version: TLS14
          tls_server_config: {cert: a, key: b, max_version: TLS11}         | min_version is above max_version
          tls_server_config: {cert: a, key: b, client_auth_type: Some}     | invalid client_auth_type: Some
          tls_server_config: {cert: a, key: b, client_ca: c}               | without a client_auth_type
          tls_server_config: {cert: a, key: b, client_allowed_sans: [c]}   | client_allowed_sans requires
          tls_server_config: {cert: a, key: b, curve_preferences: [X25519]}| curve_preferences cannot be set
          just text                                                        | it must be a mapping
          'a: [b'                                                          | is not YAML
          """)
  void refuses(String text, String message) {
    IOException failure = assertThrows(IOException.class, () -> read(text));
    assertTrue(failure.getMessage().contains(message), failure.getMessage());
    assertTrue(failure.getMessage().contains("web.yml") || text.contains("none.pem"));
    assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
  }

  @Test
  void makesOneLineOfAHeader() throws IOException {
    WebConfig config =
        read(
            "http_server_config:",
            "  headers:",
            "    X-Content-Type-Options: |",
            "      nosniff",
            "    Content-Security-Policy: |",
            "      default-src 'self';",
            "      img-src *",
            "    X-XSS-Protection: \"\\r\\n\"");
    assertEquals(
        Map.of(
            "X-Content-Type-Options",
            "nosniff",
            "Content-Security-Policy",
            "default-src 'self'; img-src *"),
        config.headers());
  }

  @ParameterizedTest
  @ValueSource(strings = {"$2$", "$2x$", "$2c$"})
  void refusesHashesThatAreNeverVerified(String prefix) {
    String hash = prefix + "10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";
    assertThrows(IOException.class, () -> read("basic_auth_users: {alice: " + hash + "}"));
  }

  @Test
  void saysThatAFileIsMissing() {
    Path missing = directory.resolve("missing.yml");
    IOException failure =
        assertThrows(IOException.class, () -> WebConfig.read(missing, new WatchedFiles()));
    assertEquals(missing + ": no such file", failure.getMessage());
  }

  @Test
  void refusesAKeyTwice() {
    IOException failure =
        assertThrows(IOException.class, () -> read("rate_limit: {}", "rate_limit: {}"));
    assertTrue(failure.getMessage().contains("duplicate"), failure.getMessage());
  }

  @Test
  void limitsTheRate() {
    RateLimit limit = new RateLimit(TimeUnit.SECONDS.toNanos(1), 2);
    RateLimiter limiter = new RateLimiter();
    assertTrue(limiter.admits(limit, 0));
    assertTrue(limiter.admits(limit, 0));
    assertFalse(limiter.admits(limit, TimeUnit.MILLISECONDS.toNanos(500)));
    assertTrue(limiter.admits(limit, TimeUnit.MILLISECONDS.toNanos(1001)));
    assertFalse(limiter.admits(limit, TimeUnit.MILLISECONDS.toNanos(1002)));
    assertTrue(limiter.admits(null, TimeUnit.MILLISECONDS.toNanos(1003)));
    assertTrue(limiter.admits(limit, TimeUnit.HOURS.toNanos(1)));
    assertTrue(limiter.admits(limit, TimeUnit.HOURS.toNanos(1)));
    assertFalse(limiter.admits(limit, TimeUnit.HOURS.toNanos(1)));
  }
}
