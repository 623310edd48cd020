package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.github.multiprom.exposition.http.RequestThreads;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS, client certificates and passwords, with certificates made for the test. */
class WebConfigIT {
  private static final String PASSWORD = "changeit";
  private static final Map<String, Identity> KNOWN = new HashMap<>();

  @TempDir Path directory;
  private MultiprocessCollector collector;
  private MetricsServer server;
  private Path webConfig;

  @BeforeEach
  void open() throws IOException {
    webConfig = directory.resolve("web.yml");
    collector = new MultiprocessCollector(Files.createDirectory(directory.resolve("metrics")));
  }

  @AfterEach
  void close() {
    if (server != null) {
      server.close();
    }
    collector.close();
  }

  /** A self-signed certificate and its key. */
  private record Identity(X509Certificate certificate, Key key) {
    String certificatePem() throws Exception {
      return pem("CERTIFICATE", certificate.getEncoded());
    }

    String keyPem() {
      return pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String kind, byte[] bytes) {
      String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
      return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
    }
  }

  private Identity identity(String name, String... keyOptions) throws Exception {
    Path store = Files.createTempFile(directory, name, ".p12");
    Files.delete(store);
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1,ip:::1,oid:1.2.3.4,dns:" + name,
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(List.of(keyOptions));
    run(command);
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return new Identity(
        (X509Certificate) keys.getCertificate("a"), keys.getKey("a", PASSWORD.toCharArray()));
  }

  private Identity rsa(String name) throws Exception {
    return made(name, "-keyalg", "RSA", "-keysize", "2048");
  }

  private Identity of(String algorithm) throws Exception {
    return algorithm.equals("EC")
        ? made("EC", "-keyalg", "EC", "-groupname", "secp256r1")
        : made(algorithm, "-keyalg", algorithm);
  }

  /** Made once: that starts a JVM. */
  private Identity made(String name, String... keyOptions) throws Exception {
    Identity known = KNOWN.get(name);
    if (known == null) {
      known = identity(name, keyOptions);
      KNOWN.put(name, known);
    }
    return known;
  }

  private static void run(List<String> command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), said);
    assertEquals(0, process.exitValue(), said);
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }

  private void start(String... config) throws IOException {
    Files.write(webConfig, List.of(config));
    server = MetricsServer.start(collector, "127.0.0.1", 0, webConfig);
  }

  private void startWithTls(Identity identity, String... more) throws Exception {
    write("cert.pem", identity.certificatePem());
    write("key.pem", identity.keyPem());
    List<String> lines =
        new ArrayList<>(
            List.of("tls_server_config:", "  cert_file: cert.pem", "  key_file: key.pem"));
    lines.addAll(Arrays.asList(more));
    start(lines.toArray(new String[0]));
  }

  private static SSLContext trusting(X509Certificate certificate, Identity own) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManagerFactory keys = null;
    if (own != null) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "own", own.key, PASSWORD.toCharArray(), new X509Certificate[] {own.certificate});
      keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, PASSWORD.toCharArray());
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
    return context;
  }

  private HttpResponse<String> get(SSLContext tls, String... headers) throws Exception {
    HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10));
    if (tls != null) {
      client.sslContext(tls);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.url())).timeout(Duration.ofSeconds(20));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.build().send(request.build(), BodyHandlers.ofString());
  }

  private static String basic(String credentials) {
    byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void servesOverTls(String algorithm) throws Exception {
    Identity identity = of(algorithm);
    startWithTls(identity);
    assertTrue(server.url().startsWith("https://"), server.url());
    HttpResponse<String> response = get(trusting(identity.certificate, null));
    assertEquals(200, response.statusCode());
    assertEquals("TLSv1.3", response.sslSession().orElseThrow().getProtocol());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void refusesAKeyOfAnotherCertificate(String algorithm) throws Exception {
    X509Certificate certificate = of(algorithm).certificate;
    for (String other : List.of("RSA", "EC", "Ed25519", "Ed448")) {
      Key key = KeyPairGenerator.getInstance(other).generateKeyPair().getPrivate();
      IOException failure =
          assertThrows(IOException.class, () -> startWithTls(new Identity(certificate, key)));
      assertTrue(
          failure.getMessage().contains("the key does not belong to the certificate"),
          failure.getMessage());
    }
  }

  @Test
  void keepsTheOldCertificateUntilTheNewKeyIsThere() throws Exception {
    Identity first = rsa("server");
    Identity second = rsa("friend");
    startWithTls(first);
    write("cert.pem", second.certificatePem());
    assertEquals("CN=server", serverName());
    write("key.pem", second.keyPem());
    assertEquals("CN=friend", serverName());
  }

  @Test
  void keepsToVersionsAndCiphers() throws Exception {
    Identity identity = rsa("server");
    String suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    startWithTls(identity, "  max_version: TLS12", "  cipher_suites: [" + suite + "]");
    HttpResponse<String> response = get(trusting(identity.certificate, null));
    assertEquals("TLSv1.2", response.sslSession().orElseThrow().getProtocol());
    assertEquals(suite, response.sslSession().orElseThrow().getCipherSuite());
  }

  @Test
  void readsTheKeysThatOpensslWrites() throws Exception {
    if (!"true".equals(System.getenv("MULTIPROM_REQUIRE_PEERS"))) {
      assumeTrue(Files.exists(Path.of("/usr/bin/openssl")));
    }
    for (String kind : List.of("rsa:2048", "ec")) {
      Path key = directory.resolve("key.pem");
      if (kind.equals("ec")) {
        run(openssl("ecparam", "-name", "secp384r1", "-genkey", "-out", key.toString()));
      } else {
        run(openssl("genrsa", "-traditional", "-out", key.toString(), "2048"));
      }
      assertFalse(Files.readString(key).contains("BEGIN PRIVATE KEY"), "not the older form");
      Path certificate = directory.resolve("cert.pem");
      run(
          openssl(
              "req",
              "-x509",
              "-new",
              "-key",
              key.toString(),
              "-subj",
              "/CN=server",
              "-days",
              "2",
              "-addext",
              "subjectAltName=IP:127.0.0.1",
              "-out",
              certificate.toString()));
      start("tls_server_config: {cert_file: cert.pem, key_file: key.pem}");
      X509Certificate parsed =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(certificate)));
      assertEquals(200, get(trusting(parsed, null)).statusCode());
      server.close();
    }
  }

  private static List<String> openssl(String... arguments) {
    List<String> command = new ArrayList<>(List.of("/usr/bin/openssl"));
    command.addAll(List.of(arguments));
    return command;
  }

  @Test
  void verifiesClients() throws Exception {
    Identity identity = rsa("server");
    Identity friend = rsa("friend");
    Identity stranger = rsa("stranger");
    write("ca.pem", friend.certificatePem());
    startWithTls(
        identity,
        "  client_auth_type: RequireAndVerifyClientCert",
        "  client_ca_file: ca.pem",
        "  client_allowed_sans: [friend]");
    assertEquals(200, get(trusting(identity.certificate, friend)).statusCode());
    assertThrows(IOException.class, () -> get(trusting(identity.certificate, stranger)));
    assertThrows(IOException.class, () -> get(trusting(identity.certificate, null)));
    assertEquals(200, get(trusting(identity.certificate, friend)).statusCode());
  }

  @Test
  void takesAnyCertificateOfAClientIfSoTold() throws Exception {
    Identity identity = rsa("server");
    startWithTls(identity, "  client_auth_type: RequireAnyClientCert");
    assertEquals(200, get(trusting(identity.certificate, rsa("stranger"))).statusCode());
    assertThrows(IOException.class, () -> get(trusting(identity.certificate, null)));
  }

  @Test
  void knowsTheAddressOfAClientHoweverItIsWritten() throws Exception {
    Identity identity = rsa("server");
    String allowed = "  client_allowed_sans: ['0::1']";
    startWithTls(identity, "  client_auth_type: RequireAnyClientCert", allowed);
    assertEquals(200, get(trusting(identity.certificate, rsa("friend"))).statusCode());

    Files.writeString(webConfig, Files.readString(webConfig).replace("0::1", "::2"));
    assertThrows(IOException.class, () -> get(trusting(identity.certificate, rsa("friend"))));
    // An object identifier is no name of the kinds that are compared.
    Files.writeString(webConfig, Files.readString(webConfig).replace("::2", "1.2.3.4"));
    assertThrows(IOException.class, () -> get(trusting(identity.certificate, rsa("friend"))));
  }

  @Test
  void verifiesOnlyTheCertificatesGivenIfSoTold() throws Exception {
    Identity identity = rsa("server");
    Identity friend = rsa("friend");
    write("ca.pem", friend.certificatePem());
    startWithTls(
        identity, "  client_auth_type: VerifyClientCertIfGiven", "  client_ca_file: ca.pem");
    assertEquals(200, get(trusting(identity.certificate, null)).statusCode());
    assertEquals(200, get(trusting(identity.certificate, friend)).statusCode());
  }

  @Test
  void surviveBrokenHandshakes() throws Exception {
    Identity identity = rsa("server");
    startWithTls(identity);
    // Clients that speak no TLS, trust nobody, or say nothing.
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port());
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      plain
          .getOutputStream()
          .write("GET /metrics HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThrows(IOException.class, () -> get(null));
      assertEquals(200, get(trusting(identity.certificate, null)).statusCode());
      assertTrue(silent.isConnected());
    }
  }

  @Test
  void isNotHeldUpByHalfHandshakes() throws Exception {
    Identity identity = rsa("server");
    startWithTls(identity);
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        silent.add(socket);
        // The head of a TLS record with a handshake of 256 bytes.
        socket.getOutputStream().write(new byte[] {22, 3, 1, 1, 0});
      }
      while (server.threadCount() < RequestThreads.MAX_THREADS) {
        Thread.onSpinWait();
      }
      assertEquals(200, get(trusting(identity.certificate, null)).statusCode());
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void asksForAPassword() throws Exception {
    String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "secret".toCharArray());
    start(
        "basic_auth_users: {alice: " + hash + "}",
        "http_server_config: {headers: {X-Content-Type-Options: nosniff}}");
    HttpResponse<String> refused = get(null);
    assertEquals(401, refused.statusCode());
    assertEquals("Basic", refused.headers().firstValue("WWW-Authenticate").orElseThrow());
    assertEquals("Unauthorized\n", refused.body());
    assertEquals("nosniff", refused.headers().firstValue("X-Content-Type-Options").orElseThrow());
    assertEquals(401, get(null, "Authorization", basic("alice:wrong")).statusCode());
    assertEquals(401, get(null, "Authorization", basic("bob:secret")).statusCode());
    assertEquals(200, get(null, "Authorization", basic("alice:secret")).statusCode());
  }

  @Test
  void limitsTheRate() throws Exception {
    start("rate_limit: {interval: 1h, burst: 2}");
    assertEquals(200, get(null).statusCode());
    assertEquals(200, get(null).statusCode());
    assertEquals(429, get(null).statusCode());
  }

  @Test
  void followsItsFiles() throws Exception {
    Identity first = rsa("server");
    Identity second = rsa("friend");
    startWithTls(first);
    assertEquals(200, get(trusting(first.certificate, null)).statusCode());

    write("cert.pem", "not a certificate");
    touch("cert.pem", 1);
    assertEquals(200, get(trusting(first.certificate, null)).statusCode());

    write("key.pem", second.keyPem());
    write("cert.pem", second.certificatePem());
    touch("cert.pem", 2);
    assertEquals("CN=friend", serverName());

    Files.writeString(webConfig, Files.readString(webConfig) + "basic_auth_users: {a: b}\n");
    touch("web.yml", 3);
    assertEquals(200, get(trusting(second.certificate, null)).statusCode());

    String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, "x".toCharArray());
    Files.writeString(
        webConfig, Files.readString(webConfig).replace("{a: b}", "{a: " + hash + "}"));
    touch("web.yml", 4);
    assertEquals(401, get(trusting(second.certificate, null)).statusCode());
  }

  /** Makes a change visible where the clock of the file system is coarse. */
  private void touch(String name, int minutes) throws IOException {
    FileTime later = FileTime.fromMillis(System.currentTimeMillis() + 60_000L * minutes);
    Files.setLastModifiedTime(directory.resolve(name), later);
  }

  /** Whom the server says to be. */
  private String serverName() throws Exception {
    SSLContext any = SSLContext.getInstance("TLS");
    any.init(null, new TrustManager[] {new TrustingAnybody()}, new SecureRandom());
    try (SSLSocket socket =
        (SSLSocket)
            any.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.startHandshake();
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSubjectX500Principal().getName();
    }
  }

  private static final class TrustingAnybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
