package io.github.multiprom.statsd;

import io.github.multiprom.cli.CommandFailure;
import io.github.multiprom.cli.DirectoryOption;
import io.github.multiprom.cli.Program;
import io.github.multiprom.exposition.MetricsServer;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.metrics.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code multiprom-statsd}. One thread. */
@Command(
    name = "multiprom-statsd",
    mixinStandardHelpOptions = true,
    versionProvider = StatsdCommand.Version.class,
    description = "Counts what statsd and DogStatsD clients send, in a metrics directory.",
    footer = {
      "",
      "A UDP socket that is this program's standard input is used: systemd's",
      "ListenDatagram= with StandardInput=socket. Then no datagram is lost while it restarts."
    },
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:done", "1:not done", "2:wrong usage"})
public final class StatsdCommand implements Callable<Integer> {
  private static final String WORKER_NAME = "statsd";
  private static final int MAX_PORT = 65_535;
  private static final Pattern BYTES =
      Pattern.compile("(\\d{1,10}) ?(|[kKmM](?:i?B)?)", Pattern.CASE_INSENSITIVE);
  private static final Pattern ADDRESS = Pattern.compile("(|[^:\\[\\]]+|\\[[^\\]]+\\]):(\\d{1,5})");

  @Spec private CommandSpec spec;

  @Mixin private DirectoryOption directory;

  private final List<InetSocketAddress> addresses = new ArrayList<>();

  @Option(
      names = "--listen-udp",
      paramLabel = "HOST:PORT",
      description =
          "Where to listen; may be given several times. Without a host on all addresses. By default"
              + " the socket that is the standard input, else 127.0.0.1:8125.")
  void setListenUdp(List<String> texts) {
    addresses.clear();
    for (String text : texts) {
      Matcher parts = ADDRESS.matcher(text);
      int port = parts.matches() ? Integer.parseInt(parts.group(2)) : MAX_PORT + 1;
      if (port > MAX_PORT) {
        throw wrong("--listen-udp must be HOST:PORT: " + text);
      }
      String host = parts.group(1);
      addresses.add(
          host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
    }
  }

  @Option(
      names = "--listen-unixgram",
      paramLabel = "PATH",
      description =
          "A unix datagram socket to make; may be given several times. Needs junixsocket-core on"
              + " the class path.")
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      description =
          "Names, labels, buckets and more by the name of a line, in the format of statsd_exporter;"
              + " read again when it changes.")
  private Path mapping;

  @Option(
      names = "--check-mapping",
      description = "Only read the mapping, and tell what is wrong with it.")
  private boolean checkMapping;

  // 0 for what the kernel gives.
  private int readBuffer;

  @Option(
      names = "--read-buffer",
      paramLabel = "BYTES",
      description =
          "What may wait at a socket, such as 4MiB; the kernel's net.core.rmem_max is the limit.")
  void setReadBuffer(String text) {
    Matcher parts = BYTES.matcher(text);
    long bytes = parts.matches() ? Long.parseLong(parts.group(1)) * factor(parts.group(2)) : 0;
    if (bytes < 1 || bytes > Integer.MAX_VALUE) {
      throw wrong("--read-buffer must be a number of bytes: " + text);
    }
    readBuffer = (int) bytes;
  }

  private static long factor(String unit) {
    return unit.isEmpty() ? 1 : unit.toLowerCase(Locale.ROOT).charAt(0) == 'k' ? 1 << 10 : 1 << 20;
  }

  private int maxSeries;

  @Option(
      names = "--max-series",
      paramLabel = "N",
      description =
          "Series at a time, of all names; by default 100000. Further ones count in a series"
              + " overflow.")
  void setMaxSeries(int number) {
    if (number < 1) {
      throw wrong("--max-series must be at least 1: " + number);
    }
    maxSeries = number;
  }

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = MetricsServer.DEFAULT_HOST,
      description = "Where to serve the merged metrics; by default ${DEFAULT-VALUE}.")
  private String host;

  private Integer port;

  @Option(
      names = "--port",
      paramLabel = "P",
      description =
          "Where to serve the merged metrics; 0 for any free port. By default they are not served.")
  void setPort(int number) {
    if (number < 0 || number > MAX_PORT) {
      throw wrong("--port must be 0 to 65535: " + number);
    }
    port = number;
  }

  @Option(
      names = "--web-config",
      paramLabel = "FILE",
      description = "TLS, basic authentication and more for --port, as multiprom serve has it.")
  private Path webConfig;

  private StatsdCommand() {}

  /**
   * Runs the bridge until it is told to end, and ends the JVM with an exit code: 0 if it did what
   * it says, 1 if it could not, 2 if the arguments are wrong.
   *
   * @param args the words after the program's name
   */
  public static void main(String[] args) {
    System.exit(Program.run(new CommandLine(new StatsdCommand()), args));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (checkMapping) {
      if (mapping == null) {
        throw wrong("--check-mapping needs --mapping");
      }
      out.println(new MappingFile(mapping).readIfChanged().size() + " rules");
      return 0;
    }
    if (webConfig != null && port == null) {
      throw wrong("--web-config needs --port");
    }
    Path path = directory.path();
    Worker worker = Worker.builder().directory(path).name(WORKER_NAME).open();
    List<AutoCloseable> open = new ArrayList<>(List.of(worker));
    try {
      StatsdBridge bridge = start(worker);
      open.add(0, bridge);
      bridge.sockets().forEach(socket -> out.println("listening on " + socket));
      if (port != null) {
        MultiprocessCollector collector = new MultiprocessCollector(path);
        open.add(0, collector);
        MetricsServer server = serve(collector);
        open.add(0, server);
        out.println("metrics on " + server.url());
      }
    } catch (IOException | RuntimeException e) {
      closeAll(open);
      throw e;
    }
    out.flush();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> closeAll(open)));
    // Only a signal ends it.
    new CountDownLatch(1).await();
    return 0;
  }

  private StatsdBridge start(Worker worker) throws IOException {
    StatsdBridge.Builder builder = StatsdBridge.builder(worker);
    DatagramChannel inherited = Sockets.inherited();
    if (inherited != null) {
      builder.listen(inherited);
      addresses.remove(inherited.getLocalAddress());
    }
    addresses.forEach(builder::listenUdp);
    paths.forEach(builder::listenUnix);
    if (mapping != null) {
      builder.mapping(mapping);
    }
    if (readBuffer > 0) {
      builder.readBuffer(readBuffer);
    }
    if (maxSeries > 0) {
      builder.maxSeries(maxSeries);
    }
    return builder.start();
  }

  private MetricsServer serve(MultiprocessCollector collector) {
    try {
      return MetricsServer.start(collector, host, port, webConfig);
    } catch (IOException e) {
      throw new CommandFailure("cannot serve on " + host + ":" + port + ": " + e.getMessage());
    }
  }

  private static void closeAll(List<AutoCloseable> open) {
    for (AutoCloseable each : open) {
      try {
        each.close();
      } catch (Exception e) {
        // The next one is closed all the same.
      }
    }
  }

  /** Tells the version from the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = StatsdCommand.class.getPackage().getImplementationVersion();
      return new String[] {"multiprom-statsd " + (version == null ? "(unpackaged)" : version)};
    }
  }
}
