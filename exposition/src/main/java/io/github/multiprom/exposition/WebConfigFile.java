package io.github.multiprom.exposition;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import io.github.multiprom.store.StoreLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A web configuration that follows its file. Thread-safe.
 *
 * <p>A change of the file, or of a certificate that it names, holds from the next request or
 * connection on, without a restart. One with a mistake is logged, and what was read before stays.
 * Whether there is TLS at all is decided at the start.
 */
final class WebConfigFile {
  private final Path file;

  /** What was read, and when the files were written that it was read from. */
  private record Loaded(int version, WebConfig config, TlsContext tls, Map<Path, FileTime> times) {}

  private volatile Loaded loaded;

  /**
   * Reads the file.
   *
   * @throws IOException if that fails or something in it is wrong, with a message of one line
   */
  WebConfigFile(Path file) throws IOException {
    this.file = file;
    this.loaded = load(0);
  }

  private Loaded load(int version) throws IOException {
    // Before the content: a change in between is then seen the next time.
    FileTime time = time(file);
    WebConfig config = WebConfig.read(file);
    Map<Path, FileTime> times = new HashMap<>();
    for (Path each : config.files()) {
      times.put(each, time(each));
    }
    times.put(file, time);
    return new Loaded(
        version, config, config.tls() == null ? null : new TlsContext(config.tls()), times);
  }

  /** When it was last written; the epoch if it cannot be found. */
  private static FileTime time(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  /** The configuration of now. */
  WebConfig current() {
    return reloaded().config;
  }

  private Loaded reloaded() {
    Loaded last = loaded;
    for (Map.Entry<Path, FileTime> entry : last.times.entrySet()) {
      if (!time(entry.getKey()).equals(entry.getValue())) {
        return reload(last);
      }
    }
    return last;
  }

  private synchronized Loaded reload(Loaded last) {
    if (loaded.version != last.version) {
      return loaded;
    }
    try {
      Loaded next = load(last.version + 1);
      if ((next.tls == null) != (last.tls == null)) {
        throw new IOException(file + ": TLS cannot be turned on or off without a restart");
      }
      loaded = next;
    } catch (IOException e) {
      StoreLog.errorOnce(
          "web config " + e.getMessage(),
          "The web configuration stays as it was: " + e.getMessage());
      // As if they had been read, until they change again.
      Map<Path, FileTime> times = new HashMap<>();
      last.times.keySet().forEach(each -> times.put(each, time(each)));
      loaded = new Loaded(last.version + 1, last.config, last.tls, times);
    }
    return loaded;
  }

  boolean hasTls() {
    return loaded.tls != null;
  }

  /** TLS for a server, by the configuration of each connection's time. */
  HttpsConfigurator tls() throws IOException {
    SSLContext context;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(
          new KeyManager[] {new CurrentKeys(() -> loaded.tls)},
          new TrustManager[] {new CurrentTrust(() -> loaded.tls)},
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
