package io.github.multiprom.cli;

import io.github.multiprom.exposition.MetricsServer;
import io.github.multiprom.exposition.discovery.Targets;
import io.github.multiprom.exposition.discovery.TargetsFile;
import io.github.multiprom.merge.MultiprocessCollector;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves the merged metrics over HTTP, until it is told to end. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description =
        "Serves the merged metrics over HTTP, and retires dead workers. A directory that does not"
            + " exist yet is waited for.")
final class ServeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private CollectorOptions options;

  @Option(
      names = "--host",
      paramLabel = "H",
      defaultValue = MetricsServer.DEFAULT_HOST,
      description = "Where to listen; by default ${DEFAULT-VALUE}.")
  private String host;

  private int port = MetricsServer.DEFAULT_PORT;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Where to listen; 0 for any free port; by default 9464.")
  void setPort(int port) {
    if (port < 0 || port > 65_535) {
      throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535: " + port);
    }
    this.port = port;
  }

  @Option(
      names = "--web-config",
      paramLabel = "FILE",
      description =
          "TLS, basic authentication and more, in the format of Prometheus' exporter-toolkit; read"
              + " again when it changes.")
  private Path webConfig;

  @Mixin private AddressOption external;

  @Option(
      names = "--file-sd",
      paramLabel = "FILE",
      description =
          "Keeps a file of the live workers as targets for Prometheus' file_sd_configs; replaced by"
              + " a rename when workers come and go.")
  private Path fileSd;

  @Override
  public Integer call() throws InterruptedException {
    limitClients();
    Path directory = options.path();
    MultiprocessCollector collector = options.collector(options.reader(directory));
    MetricsServer server;
    try {
      server = MetricsServer.start(collector, host, port, webConfig, external.address());
    } catch (IOException e) {
      collector.close();
      throw new CommandFailure("cannot serve on " + host + ":" + port + ": " + e.getMessage());
    }
    if (fileSd != null) {
      keepTargets(collector, server);
    }
    if (!Files.exists(directory)) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "multiprom: directory "
              + Words.plain(directory.toString())
              + " does not exist yet; nothing is served until the first worker makes it");
      err.flush();
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  collector.close();
                }));
    PrintWriter out = spec.commandLine().getOut();
    out.println("listening on " + server.url());
    out.flush();
    // Only a signal ends it.
    new CountDownLatch(1).await();
    return 0;
  }

  private void keepTargets(MultiprocessCollector collector, MetricsServer server) {
    Targets live = Targets.select(null, null);
    String address = external.address() != null ? external.address() : server.address();
    TargetsFile.keep(fileSd, () -> live.json(collector.workers(), address, server.hasTls()));
  }

  /** The limits of the JDK's server, in seconds: this process has no server but ours. */
  private static void limitClients() {
    setDefault("sun.net.httpserver.maxReqTime", "10");
    setDefault("sun.net.httpserver.maxRspTime", "30");
  }

  private static void setDefault(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }
}
