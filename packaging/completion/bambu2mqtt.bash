# Completion of bambu2mqtt. Made by scripts/docs.sh
# shellcheck shell=bash
_bambu2mqtt() {
    local word=$2 before=$3 command='' words='' files=0 i
    case $before in
        --config) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --log-level) mapfile -t COMPREPLY < <(compgen -W 'trace debug info warn error off' -- "$word"); return ;;
        --broker) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --serial) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --host) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --access-code-file) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --name) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --mqtt-port) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --ftps-port) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --seconds) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --out) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --speed) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --model) mapfile -t COMPREPLY < <(compgen -W 'A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C' -- "$word"); return ;;
        --now) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
        --developer-mode) mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$word"); return ;;
        --state) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
        --id) mapfile -t COMPREPLY < <(compgen -W '' -- "$word"); return ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        run|check|init|doctor|record|replay|simulate|decode|encode|discovery|entities|discover|pin|health) command=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $command in
        run) words='--version --config --log-level --help' ;;
        check) words='--version --config --log-level --help' ;;
        init) words='--version --config --log-level --broker --serial --host --access-code-file --name --mqtt-port --ftps-port --non-interactive --force --help' ;;
        doctor) words='--version --config --log-level --json --help' ;;
        record) words='--version --config --log-level --seconds --out --raw --help' ;;
        replay) words='--version --config --log-level --speed --broker --discovery --help'; files=1 ;;
        simulate) words='--version --config --log-level --broker --help A1 A1MINI A2L P1P P1S P2S X1 X1C X1E X2D H2S H2D H2DPRO H2C' ;;
        decode) words='--version --config --log-level --model --serial --now --each --help'; files=1 ;;
        encode) words='--version --config --log-level --model --serial --developer-mode --state --raw-commands --help pause_printing resume_printing stop_printing skip_objects set_speed_level clean_print_error ignore_error abort_error print_3mf_file print_gcode_file set_nozzle_temp_target set_bed_temp_target set_chamber_temp_target set_chamber_temp set_part_cooling_fan_speed_target_percent set_aux_fan_speed_target_percent set_exhaust_fan_speed_target_percent set_secondary_aux_fan_speed_target_percent set_airduct_mode set_light_state home_axes move_axis extrude send_gcode send_anything load_filament unload_filament refresh_spool_rfid send_ams_control_command retry_load_filament done_load_filament set_ams_user_setting get_current_bind_list set_spool_details set_spool_k_factor select_extrusion_calibration_profile get_extrusion_calibration_profiles turn_on_ams_dryer turn_off_ams_dryer set_spaghetti_detector set_purgechutepileup_detector set_nozzleclumping_detector set_airprinting_detector set_buildplate_marker_detector set_first_layer_inspection set_print_option set_active_tool set_nozzle_details refresh_nozzles rename_printer set_buzzer set_timelapse set_camera_recording get_version refresh start_session resume_session pause_session quit get_state toJson forget trust_certificate get_sdcard_contents get_sdcard_3mf_files sdcard_file_exists upload_sdcard_file download_sdcard_file delete_sdcard_file delete_sdcard_folder make_sdcard_directory rename_sdcard_file cancel_transfer' ;;
        discovery) words='--version --config --log-level --model --serial --id --name --developer-mode --help'; files=1 ;;
        entities) words='--version --config --log-level --model --markdown --help' ;;
        discover) words='--version --config --log-level --seconds --json --help' ;;
        pin) words='--version --config --log-level --yes --force --help' ;;
        health) words='--version --config --log-level --help' ;;
        *) words='--version --config --log-level --help run check init doctor record replay simulate decode encode discovery entities discover pin health' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if ((files)) && [[ $word != -* ]]; then
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -o filenames -F _bambu2mqtt bambu2mqtt
