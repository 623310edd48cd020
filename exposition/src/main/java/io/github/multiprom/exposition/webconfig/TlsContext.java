package io.github.multiprom.exposition.webconfig;

import io.github.multiprom.exposition.webconfig.TlsSettings.ClientAuth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Keys and rules of a server's TLS, loaded from {@link TlsSettings}. Immutable. */
final class TlsContext {
  /** A list of cipher suites speaks of TLS up to 1.2; those of 1.3 cannot be chosen, as in Go. */
  private static final Set<String> TLS_13_SUITES =
      Set.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  private static final char[] NO_PASSWORD = {};

  final X509ExtendedKeyManager keys;

  /** Checks certificates of clients; null if any will do. */
  final X509ExtendedTrustManager verifier;

  /** Names of which a client must have one; empty if it need not. */
  final List<String> clientAllowedNames;

  final SSLParameters parameters;

  /**
   * Loads certificates and key.
   *
   * @throws IOException if they do not fit together or a name is unknown, with a message of one
   *     line
   */
  TlsContext(TlsSettings settings) throws IOException {
    try {
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keyStore(settings), NO_PASSWORD);
      keys = (X509ExtendedKeyManager) factory.getKeyManagers()[0];
      verifier = verifier(settings);
      clientAllowedNames = settings.clientAllowedNames();
      parameters = parameters(settings);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
  }

  private static KeyStore keyStore(TlsSettings settings)
      throws GeneralSecurityException, IOException {
    Collection<? extends Certificate> chain = certificates(settings.certificates());
    if (chain.isEmpty()) {
      throw new CertificateException("no certificate in PEM");
    }
    PrivateKey key = PemKey.parse(settings.key());
    if (!belongs(key, chain.iterator().next())) {
      throw new CertificateException("the key does not belong to the certificate");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("server", key, NO_PASSWORD, chain.toArray(new Certificate[0]));
    return store;
  }

  /** Neither the JDK's key store nor its key manager asks; each handshake would fail. */
  private static boolean belongs(PrivateKey key, Certificate certificate)
      throws GeneralSecurityException {
    if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      return false;
    }
    Signature signature =
        Signature.getInstance(
            switch (key.getAlgorithm()) {
              case "RSA" -> "SHA256withRSA";
              case "EC" -> "SHA256withECDSA";
              default -> key.getAlgorithm();
            });
    byte[] anything = {1};
    signature.initSign(key);
    signature.update(anything);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(anything);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      // So differently made that it cannot even be read.
      return false;
    }
  }

  private static Collection<? extends Certificate> certificates(String pem)
      throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)));
  }

  /** Null if any certificate will do. */
  private static X509ExtendedTrustManager verifier(TlsSettings settings)
      throws GeneralSecurityException, IOException {
    if (!settings.clientAuth().verifies) {
      return null;
    }
    KeyStore authorities = null;
    if (settings.clientAuthorities() != null) {
      authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      for (Certificate authority : certificates(settings.clientAuthorities())) {
        authorities.setCertificateEntry("ca" + authorities.size(), authority);
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  private static SSLParameters parameters(TlsSettings settings) throws GeneralSecurityException {
    SSLContext context = SSLContext.getDefault();
    SSLParameters chosen = context.getDefaultSSLParameters();
    chosen.setProtocols(settings.protocols().toArray(new String[0]));
    chosen.setUseCipherSuitesOrder(settings.prefersOwnOrder());
    if (!settings.cipherSuites().isEmpty()) {
      Set<String> supported = Set.of(context.getSupportedSSLParameters().getCipherSuites());
      List<String> suites = new ArrayList<>(TLS_13_SUITES);
      for (String suite : settings.cipherSuites()) {
        if (!supported.contains(suite)) {
          throw new IllegalArgumentException("unknown cipher: " + suite);
        }
        suites.add(suite);
      }
      chosen.setCipherSuites(suites.toArray(new String[0]));
    }
    if (settings.clientAuth().requires) {
      chosen.setNeedClientAuth(true);
    } else if (settings.clientAuth() != ClientAuth.NO_CLIENT_CERT) {
      chosen.setWantClientAuth(true);
    }
    return chosen;
  }
}
