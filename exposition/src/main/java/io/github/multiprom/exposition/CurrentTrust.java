package io.github.multiprom.exposition;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What is asked of the certificates of clients, by a configuration that may change. Thread-safe.
 */
final class CurrentTrust extends X509ExtendedTrustManager {
  private final Supplier<TlsContext> current;

  CurrentTrust(Supplier<TlsContext> current) {
    this.current = current;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    TlsContext tls = current.get();
    if (tls.verifier != null) {
      tls.verifier.checkClientTrusted(chain, type, engine);
    }
    checkName(tls.clientAllowedNames, chain[0]);
  }

  private static void checkName(List<String> allowed, X509Certificate certificate)
      throws CertificateException {
    if (allowed.isEmpty()) {
      return;
    }
    // Each is a kind and a name.
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names == null || names.stream().noneMatch(name -> allowed.contains(name.get(1)))) {
      throw new CertificateException("the client has none of the allowed names");
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    X509ExtendedTrustManager verifier = current.get().verifier;
    return verifier == null ? new X509Certificate[0] : verifier.getAcceptedIssuers();
  }

  // What follows is not asked of a server that uses engines, as the JDK's does.

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw unexpected();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw unexpected();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw unexpected();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw unexpected();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw unexpected();
  }

  private static CertificateException unexpected() {
    return new CertificateException("only clients of a server with an engine are checked");
  }
}
