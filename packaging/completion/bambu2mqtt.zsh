#compdef bambu2mqtt
# Completion of bambu2mqtt. Made by scripts/docs.sh
_bambu2mqtt() {
    local context state line
    typeset -A opt_args
    _arguments -C \
        '--version[Display program version information and exit]' \
        '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
        '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
        '--help[print this help]' ':command:->command' '*::argument:->argument'
    case $state in
    command)
        local -a commands=(
            'run:run the gateway (the default command)'
            'check:check configuration and templates, and report all problems together'
            'init:find printers, ask for what is missing, try all of it and write the configuration file'
            'doctor:check configuration, broker and printers, and print what is wrong with what to do'
            'record:record a printer'\''s reports for a bug report, without what identifies you'
            'replay:run the gateway with recordings in place of printers, below BASE_TOPIC-replay'
            'simulate:start simulated printers, to try the gateway and automations without a printer'
            'decode:turn recorded printer messages into entity values'
            'encode:print what a command would send to the printer, one step per line'
            'discovery:print the retained messages such a printer would have on the broker'
            'entities:print the list of entities'
            'discover:list the printers that announce themselves in the local network'
            'pin:show the certificate a printer presents now and trust it from now on'
            'health:exit with 0 while the gateway is alive and connected to the broker'
        )
        _describe command commands ;;
    argument)
        case ${line[1]} in
        run)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--help[print this help]' ;;
        check)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--help[print this help]' ;;
        init)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--broker[the MQTT broker\: mqtt\://HOST\[\:PORT\] or mqtts\://HOST\[\:PORT\]]:URL: ' \
                '--serial[only the printer with this serial number]:SERIAL: ' \
                '--host[its name or address, if it does not announce itself here]:HOST: ' \
                '--access-code-file[a file that holds its access code, which is copied]:FILE:_files' \
                '--name[its name; default\: the one it announces]:NAME: ' \
                '--mqtt-port[its port for MQTT, if another than 8883]:PORT: ' \
                '--ftps-port[its port for files, if another than 990]:PORT: ' \
                '--non-interactive[ask nothing; needs --broker and --access-code-file]' \
                '--force[replace an existing file, which is kept as FILE.bak]' \
                '--help[print this help]' ;;
        doctor)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '*:PRINTER: ' \
                '--json[one JSON object per check instead of a line]' \
                '--help[print this help]' ;;
        record)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                ':PRINTER: ' \
                '--seconds[how long; Ctrl-C ends it earlier]:N: ' \
                '--out[a new file, readable by you alone; default\: standard output]:FILE:_files' \
                '--raw[keep serial numbers, addresses, names, tags and ids\: not for others]' \
                '--help[print this help]' ;;
        replay)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '*:FILE:_files' \
                '--speed[times as fast as recorded]:X: ' \
                '--broker[another broker, without a login\: mqtt\://HOST\[\:PORT\] or mqtts\://HOST\[\:PORT\]]:URL: ' \
                '--discovery[announce the printers to Home Assistant, too]' \
                '--help[print this help]' ;;
        simulate)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '*:MODEL:(A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C)' \
                '--broker[the broker in the configuration written for the gateway]:URL: ' \
                '--help[print this help]' ;;
        decode)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--model[the printer'\''s model, in any case\: A1, A1MINI, A2L, P1P, P1S, P2S, X1, X1C, X1E, X2D, H2S, H2D, H2DPRO, H2C]:MODEL:(A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C)' \
                '--serial[the printer'\''s serial number]:SERIAL: ' \
                '*:FILE:_files' \
                '--now[the current time to assume, in RFC 3339]:TIME: ' \
                '--each[print one line per message with what changed, and its events]' \
                '--help[print this help]' ;;
        encode)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--model[the printer'\''s model, in any case\: A1, A1MINI, A2L, P1P, P1S, P2S, X1, X1C, X1E, X2D, H2S, H2D, H2DPRO, H2C]:MODEL:(A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C)' \
                '--serial[the printer'\''s serial number]:SERIAL: ' \
                '--developer-mode[on or off; default\: what the messages say]:on|off:(on off)' \
                '--state[messages of the report topic with the printer'\''s state; - is standard input]:FILE:_files' \
                '--raw-commands[as with control.raw_commands = true]' \
                ':COMMAND:(pause_printing resume_printing stop_printing skip_objects set_speed_level clean_print_error ignore_error abort_error print_3mf_file print_gcode_file set_nozzle_temp_target set_bed_temp_target set_chamber_temp_target set_chamber_temp set_part_cooling_fan_speed_target_percent set_aux_fan_speed_target_percent set_exhaust_fan_speed_target_percent set_secondary_aux_fan_speed_target_percent set_airduct_mode set_light_state home_axes move_axis extrude send_gcode send_anything load_filament unload_filament refresh_spool_rfid send_ams_control_command retry_load_filament done_load_filament set_ams_user_setting get_current_bind_list set_spool_details set_spool_k_factor select_extrusion_calibration_profile get_extrusion_calibration_profiles turn_on_ams_dryer turn_off_ams_dryer set_spaghetti_detector set_purgechutepileup_detector set_nozzleclumping_detector set_airprinting_detector set_buildplate_marker_detector set_first_layer_inspection set_print_option set_active_tool set_nozzle_details refresh_nozzles rename_printer set_buzzer set_timelapse set_camera_recording get_version refresh start_session resume_session pause_session quit get_state toJson forget trust_certificate get_sdcard_contents get_sdcard_3mf_files sdcard_file_exists upload_sdcard_file download_sdcard_file delete_sdcard_file delete_sdcard_folder make_sdcard_directory rename_sdcard_file cancel_transfer)' \
                ':JSON-ARGS: ' \
                '--help[print this help]' ;;
        discovery)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--model[the printer'\''s model, in any case\: A1, A1MINI, A2L, P1P, P1S, P2S, X1, X1C, X1E, X2D, H2S, H2D, H2DPRO, H2C]:MODEL:(A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C)' \
                '--serial[the printer'\''s serial number]:SERIAL: ' \
                '*:FILE:_files' \
                '--id[the printer'\''s topic level; default\: model and last four of the serial]:ID: ' \
                '--name[the printer'\''s name]:NAME: ' \
                '--developer-mode[on or off; default\: what the messages say]:on|off:(on off)' \
                '--help[print this help]' ;;
        entities)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--model[only what this model has\: A1, A1MINI, A2L, P1P, P1S, P2S, X1, X1C, X1E, X2D, H2S, H2D, H2DPRO, H2C]:MODEL:(A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C)' \
                '--markdown[as a Markdown table]' \
                '--help[print this help]' ;;
        discover)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--seconds[how long to listen; printers announce themselves every 5 to 30 s]:N: ' \
                '--json[one JSON object per printer instead of a table]' \
                '--help[print this help]' ;;
        pin)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                ':PRINTER: ' \
                '--yes[trust it without asking; required without a terminal]' \
                '--force[trust a certificate that does not name the printer'\''s serial]' \
                '--help[print this help]' ;;
        health)
            _arguments \
                '--version[Display program version information and exit]' \
                '--config[the configuration file; default\: $BAMBU2MQTT_CONFIG, else /etc/bambu2mqtt/bambu2mqtt.toml, else ./config/bambu2mqtt.toml if only that exists]:FILE:_files' \
                '--log-level[overrides log.level\: "trace", "debug", "info", "warn", "error" or "off"]:LEVEL:(trace debug info warn error off)' \
                '--help[print this help]' ;;
        esac ;;
    esac
}
_bambu2mqtt "$@"
