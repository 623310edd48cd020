package io.github.multiprom.agent.inside;

/**
 * A family of the application.
 *
 * @param type {@code counter}, {@code gauge}, {@code histogram} or {@code summary}
 * @param name as the application has it, with or without {@code _total}
 */
record Description(String type, String name, String help, String unit, String[] labelNames) {}
