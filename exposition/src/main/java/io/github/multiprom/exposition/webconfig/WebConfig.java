package io.github.multiprom.exposition.webconfig;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A web configuration file in the format of Prometheus' exporter-toolkit (its {@code
 * docs/web-configuration.md}): TLS, headers, users, rate limit. Immutable.
 *
 * @param tls null for plain HTTP
 * @param headers added to every response
 * @param users bcrypt hash by user name; empty if anybody may scrape
 * @param rateLimit null for none
 */
public record WebConfig(
    TlsSettings tls, Map<String, String> headers, Map<String, String> users, RateLimit rateLimit) {

  /** At most {@code burst} requests at once, and then one per interval. */
  public record RateLimit(long intervalNanos, int burst) {}

  /** The values that a header may have; none listed: any. */
  private static final Map<String, Set<String>> HEADERS =
      Map.of(
          "Strict-Transport-Security", Set.of(),
          "X-Content-Type-Options", Set.of("nosniff"),
          "X-Frame-Options", Set.of("deny", "sameorigin"),
          "X-XSS-Protection", Set.of(),
          "Content-Security-Policy", Set.of());

  private static final Pattern BCRYPT_HASH =
      Pattern.compile("\\$2[aby]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");
  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
  private static final Map<String, Double> NANOS =
      Map.of("ns", 1.0, "us", 1e3, "µs", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9);

  /**
   * Reads a file and those that it names; relative names are relative to its directory.
   *
   * @param files reads them
   * @throws IOException if that fails or something in it is wrong, with a message of one line
   */
  static WebConfig read(Path file, WatchedFiles files) throws IOException {
    try {
      return parse(file, files);
    } catch (YamlEngineException e) {
      String oneLine = String.join(" ", e.getMessage().strip().split("\\s+"));
      throw new IOException(file + " is not YAML: " + oneLine, e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static WebConfig parse(Path file, WatchedFiles files) throws IOException {
    LoadSettings settings =
        LoadSettings.builder().setLabel(file.toString()).setAllowDuplicateKeys(false).build();
    // Refuses what is not UTF-8.
    String text =
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(files.read(file))).toString();
    Section root = new Section("", new Load(settings).loadFromString(text));
    Section tls = root.section("tls_server_config");
    Section http = root.section("http_server_config");
    Section users = root.section("basic_auth_users");
    Section limit = root.section("rate_limit");
    root.end();
    WebConfig config =
        new WebConfig(
            TlsSettings.parse(tls, file.toAbsolutePath().getParent(), files),
            headers(http),
            users(users),
            rateLimit(limit));
    tls.end();
    http.end();
    limit.end();
    return config;
  }

  /** Whether it asks something of clients that another does not ask. */
  boolean asksMoreThan(WebConfig other) {
    return (other.users.isEmpty() && !users.isEmpty())
        || (tls != null && other.tls != null && tls.asksMoreThan(other.tls));
  }

  private static Map<String, String> headers(Section http) {
    // The JDK's server speaks HTTP/1.1; clients that offer HTTP/2 as well choose that.
    http.flag("http2", true);
    Section section = http.section("headers");
    Map<String, String> headers = new HashMap<>();
    section
        .strings()
        .forEach(
            (name, text) -> {
              // As Go sends it: the JDK refuses line breaks, such as the last of a YAML block.
              String value = text.replaceAll("[\\r\\n]", " ").strip();
              Set<String> allowed = HEADERS.get(name);
              if (allowed == null) {
                throw new IllegalArgumentException(
                    "HTTP header " + name + " can not be configured");
              }
              if (!allowed.isEmpty() && !allowed.contains(value)) {
                throw new IllegalArgumentException(
                    "invalid value for " + name + ", expected one of " + allowed + ": " + value);
              }
              if (!value.isEmpty()) {
                headers.put(name, value);
              }
            });
    return Map.copyOf(headers);
  }

  private static Map<String, String> users(Section section) {
    Map<String, String> users = section.strings();
    users.forEach(
        (user, hash) -> {
          // The hash itself is not for logs.
          if (!BCRYPT_HASH.matcher(hash).matches()) {
            throw new IllegalArgumentException("the password of " + user + " is no bcrypt hash");
          }
        });
    return Map.copyOf(users);
  }

  private static RateLimit rateLimit(Section section) {
    long interval = durationNanos(section.string("interval", "0"));
    String burst = section.string("burst", "0");
    try {
      return interval == 0 ? null : new RateLimit(interval, Integer.parseInt(burst));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("rate_limit.burst is no number: " + burst, e);
    }
  }

  /** A duration as Go prints it, such as {@code 1m30s}. */
  private static long durationNanos(String text) {
    double nanos = 0;
    Matcher parts = DURATION_PART.matcher(text);
    int end = 0;
    while (parts.find() && parts.start() == end) {
      nanos += Double.parseDouble(parts.group(1)) * NANOS.get(parts.group(2));
      end = parts.end();
    }
    if (end != text.length() && !text.equals("0")) {
      throw new IllegalArgumentException("not a duration: " + text);
    }
    return (long) nanos;
  }

  /** A mapping of the file, whose keys are taken one by one. One thread. */
  static final class Section {
    private final String path;
    private final Map<String, Object> left = new TreeMap<>();

    private Section(String path, Object value) {
      this.path = path;
      if (value instanceof Map<?, ?> map) {
        map.forEach((key, each) -> left.put(String.valueOf(key), each));
      } else if (value != null) {
        throw new IllegalArgumentException((path.isEmpty() ? "it" : path) + " must be a mapping");
      }
    }

    private String name(String key) {
      return path.isEmpty() ? key : path + "." + key;
    }

    Section section(String key) {
      return new Section(name(key), left.remove(key));
    }

    /** A text; empty stands for missing, as in Go. */
    String string(String key, String other) {
      Object value = left.remove(key);
      if (value instanceof Map || value instanceof List) {
        throw new IllegalArgumentException(name(key) + " must be one value");
      }
      String text = value == null ? "" : value.toString();
      return text.isEmpty() ? other : text;
    }

    boolean flag(String key, boolean other) {
      Object value = left.remove(key);
      if (value != null && !(value instanceof Boolean)) {
        throw new IllegalArgumentException(name(key) + " must be true or false");
      }
      return value == null ? other : (Boolean) value;
    }

    List<String> list(String key) {
      Object value = left.remove(key);
      if (value != null && !(value instanceof List)) {
        throw new IllegalArgumentException(name(key) + " must be a list");
      }
      List<String> texts = new ArrayList<>();
      if (value != null) {
        ((List<?>) value).forEach(each -> texts.add(String.valueOf(each)));
      }
      return List.copyOf(texts);
    }

    /** All that is left, as texts. */
    Map<String, String> strings() {
      Map<String, String> texts = new HashMap<>();
      for (String key : List.copyOf(left.keySet())) {
        texts.put(key, string(key, ""));
      }
      return texts;
    }

    /** Refuses keys that nobody asked for. */
    void end() {
      if (!left.isEmpty()) {
        throw new IllegalArgumentException("unknown key " + name(left.keySet().iterator().next()));
      }
    }
  }
}
