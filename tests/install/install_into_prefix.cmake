# cmake -DBUILD=FOLDER -DPREFIX=FOLDER -P: empties PREFIX and installs into it.
file(REMOVE_RECURSE ${PREFIX})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
foreach(name bin/maxsimd include/maxsimd/maxsimd.h share/maxsimd/models/mini/modules.json)
  if(NOT EXISTS ${PREFIX}/${name})
    message(FATAL_ERROR "${PREFIX}/${name} was not installed")
  endif()
endforeach()
file(GLOB_RECURSE strangers ${PREFIX}/include/*_test*.h ${PREFIX}/include/test_*.h)
if(strangers)
  message(FATAL_ERROR "tests were installed: ${strangers}")
endif()
