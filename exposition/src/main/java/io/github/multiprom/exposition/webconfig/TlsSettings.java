package io.github.multiprom.exposition.webconfig;

import io.github.multiprom.exposition.webconfig.WebConfig.Section;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The section {@code tls_server_config} of a {@link WebConfig}, its files read. Immutable.
 *
 * @param certificates PEM
 * @param key PEM
 * @param clientAuthorities PEM; null for those of the JDK
 * @param clientAllowedNames subject alternative names of which a client must have one; empty: any
 * @param protocols the JDK's names
 * @param cipherSuites up to TLS 1.2; empty: the JDK's choice
 */
record TlsSettings(
    String certificates,
    String key,
    String clientAuthorities,
    ClientAuth clientAuth,
    List<String> clientAllowedNames,
    List<String> protocols,
    List<String> cipherSuites,
    boolean prefersOwnOrder) {

  /** Go's policies for client certificates. */
  enum ClientAuth {
    NO_CLIENT_CERT(false, false),
    REQUEST_CLIENT_CERT(false, false),
    REQUIRE_ANY_CLIENT_CERT(true, false),
    VERIFY_CLIENT_CERT_IF_GIVEN(false, true),
    REQUIRE_AND_VERIFY_CLIENT_CERT(true, true);

    /** Whether a client must present a certificate. */
    final boolean requires;

    /** Whether a certificate must be of a known authority. */
    final boolean verifies;

    ClientAuth(boolean requires, boolean verifies) {
      this.requires = requires;
      this.verifies = verifies;
    }

    private static ClientAuth of(String name) {
      return switch (name) {
        case "NoClientCert" -> NO_CLIENT_CERT;
        case "RequestClientCert" -> REQUEST_CLIENT_CERT;
        case "RequireAnyClientCert", "RequireClientCert" -> REQUIRE_ANY_CLIENT_CERT;
        case "VerifyClientCertIfGiven" -> VERIFY_CLIENT_CERT_IF_GIVEN;
        case "RequireAndVerifyClientCert" -> REQUIRE_AND_VERIFY_CLIENT_CERT;
        default -> throw new IllegalArgumentException("invalid client_auth_type: " + name);
      };
    }
  }

  private static final List<String> VERSIONS = List.of("TLS10", "TLS11", "TLS12", "TLS13");
  private static final List<String> PROTOCOLS = List.of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

  /**
   * Takes the section.
   *
   * @param directory of relative names
   * @param files reads them
   * @return null if nothing in it asks for TLS
   */
  static TlsSettings parse(Section section, Path directory, WatchedFiles files) throws IOException {
    String certificates = pem(section, "cert", directory, files);
    String key = pem(section, "key", directory, files);
    String authorities = pem(section, "client_ca", directory, files);
    String clientAuthType = section.string("client_auth_type", "");
    List<String> allowedNames = section.list("client_allowed_sans");
    int first = version(section, "min_version", "TLS12");
    int last = version(section, "max_version", "TLS13");
    List<String> suites = section.list("cipher_suites");
    boolean ownOrder = section.flag("prefer_server_cipher_suites", true);
    if (!section.list("curve_preferences").isEmpty()) {
      throw new IllegalArgumentException("curve_preferences cannot be set");
    }
    if (certificates == null && key == null && authorities == null && clientAuthType.isEmpty()) {
      return null;
    }
    if (certificates == null) {
      throw new IllegalArgumentException("missing one of cert or cert_file");
    }
    if (key == null) {
      throw new IllegalArgumentException("missing one of key or key_file");
    }
    if (first > last) {
      throw new IllegalArgumentException("min_version is above max_version");
    }
    ClientAuth clientAuth =
        ClientAuth.of(clientAuthType.isEmpty() ? "NoClientCert" : clientAuthType);
    if (authorities != null && clientAuth == ClientAuth.NO_CLIENT_CERT) {
      throw new IllegalArgumentException(
          "client CAs have been configured without a client_auth_type");
    }
    if (!allowedNames.isEmpty() && !clientAuth.requires) {
      throw new IllegalArgumentException(
          "client_allowed_sans requires client_auth_type to be one of RequireAnyClientCert or"
              + " RequireAndVerifyClientCert");
    }
    return new TlsSettings(
        certificates,
        key,
        authorities,
        clientAuth,
        allowedNames,
        PROTOCOLS.subList(first, last + 1),
        suites,
        ownOrder);
  }

  /** Whether it asks something of clients that another does not ask. */
  boolean asksMoreThan(TlsSettings other) {
    return (clientAuth.requires && !other.clientAuth.requires)
        || (clientAuth.verifies && !other.clientAuth.verifies)
        || (!clientAllowedNames.isEmpty() && other.clientAllowedNames.isEmpty());
  }

  private static int version(Section section, String key, String other) {
    String name = section.string(key, other);
    int version = VERSIONS.indexOf(name);
    if (version < 0) {
      throw new IllegalArgumentException("unknown TLS version: " + name);
    }
    return version;
  }

  private static String pem(Section section, String key, Path directory, WatchedFiles files)
      throws IOException {
    String inline = section.string(key, "");
    String name = section.string(key + "_file", "");
    if (!name.isEmpty()) {
      try {
        // Of a comment around the PEM every byte is a character.
        return new String(files.read(directory.resolve(name)), StandardCharsets.ISO_8859_1);
      } catch (IOException e) {
        throw new IOException("failed to read " + key + "_file: " + e.getMessage(), e);
      }
    }
    return inline.isEmpty() ? null : inline;
  }
}
