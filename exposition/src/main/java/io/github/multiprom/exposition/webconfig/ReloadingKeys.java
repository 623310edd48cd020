package io.github.multiprom.exposition.webconfig;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The keys of a server whose configuration may change. Thread-safe.
 *
 * <p>A handshake first chooses an alias and then asks for its certificates and key. If the
 * configuration changes in between it still gets those of one and the same.
 */
final class ReloadingKeys extends X509ExtendedKeyManager {
  private record Chosen(int number, X509ExtendedKeyManager keys) {}

  private final Supplier<TlsContext> current;
  private volatile Chosen last;
  private volatile Chosen beforeLast;

  ReloadingKeys(Supplier<TlsContext> current) {
    this.current = current;
    last = new Chosen(0, current.get().keys);
    beforeLast = last;
  }

  @Override
  public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
    Chosen chosen = choose();
    String alias = chosen.keys.chooseEngineServerAlias(keyType, issuers, engine);
    return alias == null ? null : chosen.number + " " + alias;
  }

  private synchronized Chosen choose() {
    X509ExtendedKeyManager keys = current.get().keys;
    if (!last.keys.equals(keys)) {
      beforeLast = last;
      last = new Chosen(last.number + 1, keys);
    }
    return last;
  }

  private Chosen chosen(String alias) {
    Chosen newest = last;
    return alias.startsWith(newest.number + " ") ? newest : beforeLast;
  }

  private static String withoutNumber(String alias) {
    return alias.substring(alias.indexOf(' ') + 1);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chosen(alias).keys.getCertificateChain(withoutNumber(alias));
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return chosen(alias).keys.getPrivateKey(withoutNumber(alias));
  }

  // What follows is not asked of a server that uses engines, as the JDK's does.

  @Override
  public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
    return null;
  }

  @Override
  public String[] getServerAliases(String keyType, Principal[] issuers) {
    return null;
  }

  @Override
  public String[] getClientAliases(String keyType, Principal[] issuers) {
    return null;
  }

  @Override
  public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
    return null;
  }
}
