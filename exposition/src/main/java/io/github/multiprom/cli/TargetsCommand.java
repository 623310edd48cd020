package io.github.multiprom.cli;

import io.github.multiprom.exposition.MetricsServer;
import io.github.multiprom.exposition.discovery.Address;
import io.github.multiprom.exposition.discovery.Targets;
import io.github.multiprom.exposition.discovery.TargetsFile;
import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.WorkerStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes the workers as targets of a Prometheus server. */
@Command(
    name = "targets",
    mixinStandardHelpOptions = true,
    description =
        "Writes the workers of the directory as targets for Prometheus' file_sd_configs. They are"
            + " at the endpoint that serves the directory, each with the parameter worker.")
final class TargetsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private DirectoryArgument directory;

  @Mixin private AddressOption external;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file, which is replaced by a rename; by default the standard output.")
  private Path out;

  @Option(
      names = "--state",
      paramLabel = "live|all",
      description = "all: dead workers that have a file as well; by default live.")
  private String state;

  @Option(
      names = "--by",
      paramLabel = "worker|port",
      description =
          "port: at the port that each worker has itself by multiprom.ports; by default worker.")
  private String by;

  @Override
  public Integer call() throws IOException {
    Targets targets;
    try {
      targets = Targets.select(state, by);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
    String address =
        external.address() != null
            ? external.address()
            : Address.withPort(MetricsServer.DEFAULT_HOST, MetricsServer.DEFAULT_PORT);
    byte[] json;
    try (DirectoryReader reader = new DirectoryReader(directory.existing())) {
      json = targets.json(WorkerStatus.all(reader.read()), address, false);
    }
    if (out == null) {
      System.out.write(json);
      System.out.flush();
    } else {
      TargetsFile.write(out, json);
    }
    return 0;
  }
}
