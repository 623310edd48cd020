package io.github.multiprom.statsd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line of a bridge in a process of its own. */
final class BridgeCommand {
  private BridgeCommand() {}

  static List<String> of(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(StatsdCommand.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }
}
