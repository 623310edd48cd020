package io.github.multiprom.agent;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands behind the {@code =} of {@code -javaagent}: {@code [HOST:]PORT} and {@code
 * key=value}, separated by commas, in any order. Immutable.
 */
public final class AgentOptions {
  /** Families of simpleclient count in the directory, and registries show all workers. */
  public static final String ON = "on";

  /** Families of simpleclient count in the directory, and registries show this process. */
  public static final String OWN = "own";

  /** Nothing is done with simpleclient. */
  public static final String OFF = "off";

  private static final String DEFAULT_HOST = "127.0.0.1";
  private static final int MAX_PORT = 65_535;
  private static final String KEYS =
      "dir, port, worker, gauges, registries, simpleclient, jvm, jmx, packages, log";

  private String host = DEFAULT_HOST;
  private int port;
  private String directory;
  private String worker = "";
  private String gaugeModes = "";
  private boolean allRegistries;
  private String simpleclient = ON;
  private boolean jvm = true;
  private String jmx = "";
  private List<String> packages = List.of("io.prometheus.client");
  private boolean isVerbose;

  private AgentOptions() {}

  /**
   * Reads the options.
   *
   * @param text null for none
   * @throws IllegalArgumentException with what is wrong, for a user
   */
  static AgentOptions parse(String text) {
    AgentOptions options = new AgentOptions();
    for (String part : (text == null ? "" : text).split(",", -1)) {
      if (!part.isBlank()) {
        int equals = part.indexOf('=');
        if (equals < 0) {
          options.address(part.strip());
        } else {
          options.set(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
        }
      }
    }
    if (options.directory == null) {
      options.directory = configuredDirectory();
    }
    return options;
  }

  /** As a worker without an agent is configured. */
  private static String configuredDirectory() {
    String property = System.getProperty("multiprom.dir");
    String name = property != null ? property : System.getenv("PROMETHEUS_MULTIPROC_DIR");
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException(
          "dir is missing, as in -javaagent:multiprom-agent.jar=9464,dir=/dev/shm/my-app");
    }
    return name;
  }

  private void set(String key, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(key + " has no value");
    }
    switch (key) {
      case "dir" -> directory = value;
      case "port" -> address(value);
      case "worker" -> worker = value;
      case "gauges" -> gaugeModes = gaugeModes(value);
      case "registries" -> allRegistries = oneOf(key, value, "default", "all").equals("all");
      case "simpleclient" -> simpleclient = oneOf(key, value, ON, OWN, OFF);
      case "jvm" -> jvm = oneOf(key, value, "on", "off").equals("on");
      case "jmx" -> jmx = value;
      case "packages" -> packages = packages(value);
      case "log" -> isVerbose = oneOf(key, value, "warnings", "all").equals("all");
      default ->
          throw new IllegalArgumentException("there is no key " + key + "; the keys are " + KEYS);
    }
  }

  private static String oneOf(String key, String value, String... possible) {
    for (String one : possible) {
      if (one.equals(value)) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        key + " cannot be " + value + ", but " + String.join(" or ", possible));
  }

  private void address(String text) {
    int colon = text.lastIndexOf(':');
    String number = text.substring(colon + 1);
    try {
      port = Integer.parseInt(number);
    } catch (NumberFormatException e) {
      port = 0;
    }
    if (port < 1 || port > MAX_PORT || colon == 0) {
      throw new IllegalArgumentException(
          text + " is not [host:]port with a port from 1 to " + MAX_PORT + ", nor key=value");
    }
    if (colon > 0) {
      String name = text.substring(0, colon);
      host =
          name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }
  }

  /** From {@code name:MODE;name:MODE} to what a worker takes, {@code name=MODE,name=MODE}. */
  private static String gaugeModes(String value) {
    StringBuilder modes = new StringBuilder();
    for (String part : value.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int colon = part.lastIndexOf(':');
      if (colon < 1 || colon == part.length() - 1) {
        throw new IllegalArgumentException(
            "gauges cannot have the part " + part + "; parts are name:MODE, with ; between them");
      }
      if (modes.length() > 0) {
        modes.append(',');
      }
      modes.append(part, 0, colon).append('=').append(part, colon + 1, part.length());
    }
    return modes.toString();
  }

  private static List<String> packages(String value) {
    List<String> packages = new ArrayList<>(List.of("io.prometheus.client"));
    for (String name : value.split(";", -1)) {
      if (!name.isBlank() && !packages.contains(name.strip())) {
        packages.add(name.strip());
      }
    }
    return List.copyOf(packages);
  }

  /** Where the port is: a name or an address of this host. */
  public String host() {
    return host;
  }

  /** The port that all workers of the directory share; 0 for none. */
  public int port() {
    return port;
  }

  /** The metrics directory. */
  public String directory() {
    return directory;
  }

  /** The worker's name; empty for the one that it has without an agent. */
  public String worker() {
    return worker;
  }

  /** Modes by patterns of names, as a worker takes them; empty for those without an agent. */
  public String gaugeModes() {
    return gaugeModes;
  }

  /** Whether registries that an application makes count and are sampled as the default ones. */
  public boolean allRegistries() {
    return allRegistries;
  }

  /** What is done with simpleclient: {@link #ON}, {@link #OWN} or {@link #OFF}. */
  public String simpleclient() {
    return simpleclient;
  }

  /** Whether the JVM's own numbers are sampled. */
  public boolean jvm() {
    return jvm;
  }

  /** The configuration of jmx_exporter by which beans are sampled; empty for none. */
  public String jmx() {
    return jmx;
  }

  /** The packages of simpleclient; empty if nothing is done with it. */
  public List<String> packages() {
    return simpleclient.equals(OFF) ? List.of() : packages;
  }

  /** Whether the log has more than warnings and errors. */
  public boolean isVerbose() {
    return isVerbose;
  }
}
