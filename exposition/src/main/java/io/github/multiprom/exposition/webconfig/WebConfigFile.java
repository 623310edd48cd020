package io.github.multiprom.exposition.webconfig;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.github.multiprom.internal.os.StoreLog;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A web configuration that follows its file. Thread-safe.
 *
 * <p>A change of the file, or of a certificate that it names, holds from the next request or
 * connection on, without a restart. One with a mistake is logged, and what was read before stays;
 * one that asks less of clients holds when its files have not been written for 2 s. Whether there
 * is TLS at all is decided at the start.
 */
public final class WebConfigFile {
  private final Path file;

  private record Loaded(WebConfig config, TlsContext tls, WatchedFiles files) {}

  private volatile Loaded loaded;

  /**
   * Reads the file.
   *
   * @throws IOException if that fails or something in it is wrong, with a message of one line
   */
  public WebConfigFile(Path file) throws IOException {
    this.file = file;
    WatchedFiles files = new WatchedFiles();
    WebConfig config = WebConfig.read(file, files);
    this.loaded = new Loaded(config, tls(config), files);
  }

  private static TlsContext tls(WebConfig config) throws IOException {
    return config.tls() == null ? null : new TlsContext(config.tls());
  }

  /** The configuration of now. */
  public WebConfig current() {
    return reloaded().config;
  }

  private Loaded reloaded() {
    Loaded last = loaded;
    return last.files.mayHaveChanged() ? reload() : last;
  }

  private synchronized Loaded reload() {
    Loaded last = loaded;
    if (!last.files.mayHaveChanged()) {
      return last;
    }
    WatchedFiles files = new WatchedFiles(last.files);
    WebConfig config = last.config;
    TlsContext tls = last.tls;
    try {
      WebConfig next = WebConfig.read(file, files);
      // What asks less of clients may be the first half of what somebody is writing.
      boolean wait = !files.settled() && last.config.asksMoreThan(next);
      if (!wait && !next.equals(last.config)) {
        if ((next.tls() == null) != (last.tls == null)) {
          throw new IOException(file + ": TLS cannot be turned on or off without a restart");
        }
        tls = tls(next);
        config = next;
      }
    } catch (IOException e) {
      StoreLog.errorOnce(
          "web config " + e.getMessage(),
          "The web configuration stays as it was: " + e.getMessage());
      // Some may not have been read this time.
      files.add(last.files);
    }
    loaded = new Loaded(config, tls, files);
    return loaded;
  }

  public boolean hasTls() {
    return loaded.tls != null;
  }

  /** TLS for a server, by the configuration of each connection's time. */
  public HttpsConfigurator tls() throws IOException {
    SSLContext context;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new ReloadingKeys(() -> loaded.tls)},
          new TrustManager[] {new ReloadingTrust(() -> loaded.tls)},
          null);
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
    }
    return new HttpsConfigurator(context) {
      /** Called at the beginning of each connection. */
      @Override
      public void configure(HttpsParameters connection) {
        connection.setSSLParameters(reloaded().tls.parameters);
      }
    };
  }
}
