package io.github.multiprom.exposition;

import static org.junit.jupiter.api.Assertions.assertTrue;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus server scrapes over TLS with a password. */
class PrometheusTlsIT {
  private static final String PASSWORD = "changeit";

  @TempDir Path directory;

  @Test
  void isScraped() throws Exception {
    Peers.requirePrometheus();
    makeCertificate();
    String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(4, PASSWORD.toCharArray());
    Path webConfig =
        write(
            "web.yml",
            """
            tls_server_config: {cert_file: cert.pem, key_file: key.pem}
            basic_auth_users: {prometheus: %s}
            """
                .formatted(hash));
    Path metrics = Files.createDirectory(directory.resolve("metrics"));
    try (Worker worker = Worker.builder().directory(metrics).open();
        MultiprocessCollector collector = new MultiprocessCollector(metrics);
        MetricsServer server = MetricsServer.start(collector, "127.0.0.1", 0, webConfig)) {
      Counter.build("jobs", "Jobs.").worker(worker).register(new CollectorRegistry()).inc(7);
      write(
          "prometheus.yml",
          """
          global: {scrape_interval: 1s}
          scrape_configs:
            - job_name: multiprom
              scheme: https
              tls_config: {ca_file: cert.pem}
              basic_auth: {username: prometheus, password: %s}
              static_configs:
                - targets: ["127.0.0.1:%d"]
          """
              .formatted(PASSWORD, server.port()));
      try (PrometheusServer prometheus =
          new PrometheusServer(directory, directory.resolve("prometheus.yml"))) {
        prometheus.await("not scraped", () -> prometheus.ask("jobs_total").equals("7"));
      }
    }
  }

  private void makeCertificate() throws Exception {
    Path store = directory.resolve("store.p12");
    Peers.Result made =
        Peers.run(
            new byte[0],
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-keyalg",
            "EC",
            "-alias",
            "a",
            "-dname",
            "CN=server",
            "-ext",
            "SAN=ip:127.0.0.1",
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-keystore",
            store.toString(),
            "-storepass",
            PASSWORD);
    assertTrue(made.exitCode() == 0, made.output());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    write("cert.pem", pem("CERTIFICATE", keys.getCertificate("a").getEncoded()));
    write("key.pem", pem("PRIVATE KEY", keys.getKey("a", PASSWORD.toCharArray()).getEncoded()));
  }

  private static String pem(String kind, byte[] bytes) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
  }

  private Path write(String name, String text) throws IOException {
    return Files.write(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }
}
