# cmake -D PRESET=debug -P build_preset.cmake: configures and builds a preset. Fixture of the guest rows.
execute_process(COMMAND ${CMAKE_COMMAND} --preset ${PRESET} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build --preset ${PRESET} COMMAND_ERROR_IS_FATAL ANY)
