package io.github.multiprom.exposition.webconfig;

import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What is asked of the certificates of clients, by a configuration that may change. Thread-safe.
 */
final class ReloadingTrust extends X509ExtendedTrustManager {
  /** The kinds of names that are compared (RFC 5280 4.2.1.6): e-mail, DNS, URI, IP address. */
  private static final Set<Integer> KINDS = Set.of(1, 2, 6, 7);

  /** What the JDK reads without asking a name server. */
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  private final Supplier<TlsContext> current;

  ReloadingTrust(Supplier<TlsContext> current) {
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
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names != null) {
      for (List<?> name : names) {
        if (KINDS.contains(name.get(0))
            && allowed.stream().anyMatch(each -> isSame(each, (String) name.get(1)))) {
          return;
        }
      }
    }
    throw new CertificateException("the client has none of the allowed names");
  }

  /** Whether two names are equal; addresses of IPv6 can be written in several ways. */
  private static boolean isSame(String one, String other) {
    if (one.equals(other)) {
      return true;
    }
    if (!IPV6.matcher(one).matches() || !IPV6.matcher(other).matches()) {
      return false;
    }
    try {
      return InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
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
